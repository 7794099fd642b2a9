package io.ringkeep.redis.command;

import io.ringkeep.redis.resp.RespReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A server's reply to one command (RESP2).
public sealed interface Answer {
  /// `+OK` and the like, without the sign.
  record Status(String text) implements Answer {}

  /// An integer.
  record Count(long value) implements Answer {}

  /// A string: the bytes between position and limit, its own.
  record Bulk(ByteBuffer bytes) implements Answer {}

  /// A string or an array that is not there.
  record Nothing() implements Answer {}

  /// An array.
  record Items(List<Answer> items) implements Answer {
    public Items {
      items = List.copyOf(items);
    }
  }

  /// An error reply, without the sign.
  record Failure(String reply) implements Answer {}

  /// Reads the next reply.
  ///
  /// @param timeout longest silence
  static Answer read(RespReader in, Duration timeout) throws IOException {
    String head = in.line(timeout);
    if (head.isEmpty()) {
      throw new IOException("protocol error: empty line for a reply");
    }
    String rest = head.substring(1);
    return switch (head.charAt(0)) {
      case '+' -> new Status(rest);
      case '-' -> new Failure(rest);
      case ':' -> new Count(Long.parseLong(rest));
      case '$' -> bulk(in, Integer.parseInt(rest), timeout);
      case '*' -> items(in, Integer.parseInt(rest), timeout);
      default -> throw new IOException("protocol error: no reply: sign=" + head.charAt(0));
    };
  }

  private static Answer bulk(RespReader in, int length, Duration timeout) throws IOException {
    if (length < 0) {
      return new Nothing();
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (in.read(bytes, timeout) < 0) {
        throw new EOFException();
      }
    }
    in.line(timeout);
    return new Bulk(bytes.flip());
  }

  private static Answer items(RespReader in, int count, Duration timeout) throws IOException {
    if (count < 0) {
      return new Nothing();
    }
    List<Answer> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(read(in, timeout));
    }
    return new Items(items);
  }
}
