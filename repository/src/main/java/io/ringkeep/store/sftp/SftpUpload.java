package io.ringkeep.store.sftp;

import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.sftp.SftpPool.Tries;
import io.ringkeep.store.sftp.SftpReplies.Pending;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One object on its way to the server.
/* Chunks of 32 KiB are written at their offsets, up to 64 of them without waiting, and kept until
 * the server confirms them. When the connection breaks, the file is opened again over another one
 * and the unconfirmed chunks are sent once more. What was confirmed is read back before, and its
 * checksum compared: a server that crashed may have confirmed bytes that it has lost since.
 *
 * Then fsync@openssh.com, where the server has it: without it a power cut may take an object that
 * was committed. SFTP cannot sync a folder, so whether the name outlives a power cut is up to the
 * server's file system; those with a journal keep the order in which file and name were made. */
final class SftpUpload implements ObjectUpload {
  /// Bytes on their way; `reply` is null if they could not even be sent.
  private record Chunk(long offset, ByteBuffer bytes, @Nullable Pending reply) {}

  private final SftpPool pool;
  private final SftpNames names;
  private final String target;
  private final String path;
  private final Deque<Chunk> sent = new ArrayDeque<>();
  private final CRC32C confirmedChecksum = new CRC32C();

  private SftpFiles files;
  private @Nullable ByteBuffer handle;
  private ByteBuffer filling = ByteBuffer.allocate(0);
  private long nextOffset;
  private long confirmedBytes;
  private Tries tries;
  private long confirmedAtFailure = -1;

  /// Whether the file is of no use to anyone, or gone.
  private boolean lost;

  SftpUpload(SftpPool pool, SftpNames names, String target, SftpTemporaries.Temporary temporary) {
    this.pool = pool;
    this.names = names;
    this.target = target;
    this.path = temporary.path();
    this.files = temporary.files();
    this.handle = temporary.handle();
    this.tries = pool.tries();
  }

  @Override
  public void write(ByteBuffer content) throws IOException {
    while (content.hasRemaining()) {
      if (!filling.hasRemaining()) {
        flush();
        filling = ByteBuffer.allocate(SftpProtocol.CHUNK_BYTES);
      }
      int count = Math.min(content.remaining(), filling.remaining());
      filling.put(content.slice(content.position(), count));
      content.position(content.position() + count);
    }
  }

  private void flush() throws IOException {
    if (filling.position() == 0) {
      return;
    }
    ByteBuffer bytes = filling.flip();
    filling = ByteBuffer.allocate(0);
    while (sent.size() >= SftpProtocol.WINDOW) {
      confirmOne();
    }
    long offset = nextOffset;
    nextOffset += bytes.remaining();
    try {
      sent.addLast(send(offset, bytes));
    } catch (ConnectionLostException e) {
      sent.addLast(new Chunk(offset, bytes, null));
      resume(e);
    }
  }

  private Chunk send(long offset, ByteBuffer bytes) throws IOException {
    SftpMessage request =
        SftpMessage.of(SftpProtocol.WRITE, bytes.remaining())
            .string(handle())
            .longInteger(offset)
            .string(bytes);
    return new Chunk(offset, bytes, files.channel().send(request));
  }

  private ByteBuffer handle() throws IOException {
    ByteBuffer open = handle;
    if (open == null) {
      throw ended();
    }
    return open;
  }

  private IOException ended() {
    return new IOException("the upload has ended or failed before: file=" + target);
  }

  private void confirmOne() throws IOException {
    Chunk chunk = sent.getFirst();
    Pending reply = chunk.reply();
    if (reply == null) {
      throw ended();
    }
    try {
      files.requireDone(reply.await(), "write", target);
    } catch (ConnectionLostException e) {
      resume(e);
      return;
    } catch (SftpStatusException e) {
      throw refused(e);
    }
    sent.removeFirst();
    confirmedChecksum.update(chunk.bytes().duplicate());
    confirmedBytes += chunk.bytes().remaining();
  }

  /// Version 3 has one code for a full disk and all else, and OpenSSH no words: look ourselves.
  private IOException refused(SftpStatusException refusal) {
    if (refusal.code() != SftpProtocol.FAILURE) {
      return refusal;
    }
    try {
      OptionalLong free = files.freeBytes(path);
      if (free.isPresent() && free.getAsLong() < SftpProtocol.CHUNK_BYTES) {
        return new IOException(
            "the SFTP server's disk is full: server=%s file=%s free=%d bytes"
                .formatted(files.channel().location().server(), target, free.getAsLong()),
            refusal);
      }
    } catch (IOException e) {
      refusal.addSuppressed(e);
    }
    return refusal;
  }

  /// Goes on over another connection.
  ///
  /// @throws ConnectionLostException if there is none to be had
  private void resume(ConnectionLostException failure) throws IOException {
    ConnectionLostException last = failure;
    if (confirmedBytes > confirmedAtFailure) {
      tries = pool.tries(); // It went on since: each break has all tries.
      confirmedAtFailure = confirmedBytes;
    }
    while (true) {
      handle = null;
      lost = true;
      tries.again(last);
      try {
        files = pool.files();
        ByteBuffer open = files.open(path, SftpProtocol.OPEN_READ | SftpProtocol.OPEN_WRITE);
        handle = open;
        lost = false;
        compareConfirmed(open);
        Chunk[] again = sent.toArray(new Chunk[0]);
        sent.clear();
        int next = 0;
        try {
          for (; next < again.length; next++) {
            sent.addLast(send(again[next].offset(), again[next].bytes()));
          }
          return;
        } finally {
          for (; next < again.length; next++) {
            sent.addLast(new Chunk(again[next].offset(), again[next].bytes(), null));
          }
        }
      } catch (ConnectionLostException e) {
        last = e;
      }
    }
  }

  private void compareConfirmed(ByteBuffer open) throws IOException {
    CRC32C there = new CRC32C();
    ByteBuffer part = ByteBuffer.allocate(SftpProtocol.WINDOW * SftpProtocol.CHUNK_BYTES);
    for (long offset = 0; offset < confirmedBytes; offset += part.limit()) {
      part.clear().limit((int) Math.min(part.capacity(), confirmedBytes - offset));
      SftpReads.fill(files, open, path, offset, part);
      there.update(part.flip());
    }
    if (there.getValue() != confirmedChecksum.getValue()) {
      throw new IOException(
          "the SFTP server lost bytes that it had confirmed: server=%s file=%s expected=%08x actual=%08x"
              .formatted(
                  files.channel().location().server(),
                  target,
                  confirmedChecksum.getValue(),
                  there.getValue()));
    }
  }

  @Override
  public boolean commit() throws IOException {
    finish();
    return names.create(path, target);
  }

  /// As [#commit], in place of the object that is there.
  void replace() throws IOException {
    finish();
    names.replace(path, target);
  }

  /// All bytes are with the server, and on its disk where it can say so.
  private void finish() throws IOException {
    flush();
    while (true) {
      while (!sent.isEmpty()) {
        confirmOne();
      }
      ByteBuffer open = handle();
      try {
        sync(open);
        files.close(open, target);
        handle = null;
        return;
      } catch (ConnectionLostException e) {
        resume(e);
      }
    }
  }

  private void sync(ByteBuffer open) throws IOException {
    if (!files.has(SftpProtocol.FSYNC)) {
      return;
    }
    try {
      files.sync(open, target);
    } catch (SftpStatusException e) {
      if (e.code() != SftpProtocol.UNSUPPORTED) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    ByteBuffer open = handle;
    if (open != null) {
      files.forget(open);
      handle = null;
    }
    if (lost) {
      return; // Its file is deleted when it is old.
    }
    lost = true;
    try {
      pool.callBriefly(on -> {
        on.remove(path);
        return path;
      });
    } catch (IOException e) {
      // Renamed, or out of reach: deleted when it is old.
    }
  }
}
