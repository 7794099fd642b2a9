package io.ringkeep.store.sftp;

import io.ringkeep.store.sftp.SftpReplies.Pending;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// Reads bytes of an open file: many requests under way at once, each for its own part of the
/// buffer.
final class SftpReads {
  private SftpReads() {}

  /// A part of the buffer that was asked for.
  private record Part(int from, int to, Pending reply) {}

  /// Fills `into` from its position to its limit.
  ///
  /// @throws EOFException if the file ends before
  static void fill(SftpFiles files, ByteBuffer handle, String path, long offset, ByteBuffer into)
      throws IOException {
    Deque<Part> sent = new ArrayDeque<>();
    int start = into.position();
    int next = start;
    try {
      while (next < into.limit() || !sent.isEmpty()) {
        while (next < into.limit() && sent.size() < SftpProtocol.WINDOW) {
          int to = Math.min(into.limit(), next + SftpProtocol.CHUNK_BYTES);
          sent.addLast(ask(files, handle, offset - start, into, next, to));
          next = to;
        }
        Part part = sent.removeFirst();
        int received = received(files, part, path, offset + part.from() - start);
        // A server may send less than it was asked for.
        if (part.from() + received < part.to()) {
          sent.addFirst(
              ask(files, handle, offset - start, into, part.from() + received, part.to()));
        }
      }
      into.position(into.limit());
    } finally {
      sent.forEach(part -> part.reply().abandon());
    }
  }

  private static Part ask(
      SftpFiles files, ByteBuffer handle, long origin, ByteBuffer into, int from, int to)
      throws IOException {
    SftpMessage request =
        SftpMessage.of(SftpProtocol.READ)
            .string(handle)
            .longInteger(origin + from)
            .integer(to - from);
    ByteBuffer part = into.duplicate().limit(to).position(from);
    return new Part(from, to, files.channel().send(request, part));
  }

  private static int received(SftpFiles files, Part part, String path, long offset)
      throws IOException {
    SftpReply reply;
    try {
      reply = part.reply().await();
    } catch (IOException e) {
      part.reply().abandon();
      throw e;
    }
    if (SftpFiles.isStatus(reply)) {
      if (reply.status() == SftpProtocol.END_OF_FILE) {
        throw new EOFException("object ends early: file=" + path + " offset=" + offset);
      }
      throw files.refusal(reply, reply.status(), "read", path);
    }
    int received = part.reply().received();
    if (received == 0) {
      throw new EOFException("the server sends no bytes: file=" + path + " offset=" + offset);
    }
    return received;
  }
}
