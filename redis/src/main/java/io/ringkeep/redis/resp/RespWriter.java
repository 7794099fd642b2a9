package io.ringkeep.redis.resp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Writes commands to a [Wire]: small parts are gathered, large ones go out from where they lie.
///
/// Not for several threads at once.
public final class RespWriter {
  private static final int LARGE_BYTES = 32 * 1024;

  private final Wire wire;
  private final ByteBuffer buffer;
  private final byte[] digits = new byte[24];

  /// @param bufferBytes how much is gathered before it is sent
  public RespWriter(Wire wire, int bufferBytes) {
    this.wire = wire;
    this.buffer = ByteBuffer.allocateDirect(Math.max(bufferBytes, LARGE_BYTES));
  }

  /// A whole command of text words.
  public RespWriter command(String... words) throws IOException {
    array(words.length);
    for (String word : words) {
      bulk(word.getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  /// A line of text.
  public RespWriter line(String text) throws IOException {
    return raw(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII))).end();
  }

  /// The head of a command of `count` words.
  public RespWriter array(int count) throws IOException {
    return head('*', count);
  }

  /// A word.
  public RespWriter bulk(byte[] word) throws IOException {
    return bulk(ByteBuffer.wrap(word));
  }

  /// A word: the bytes between position and limit, which stay where they are.
  public RespWriter bulk(ByteBuffer word) throws IOException {
    return bulkHead(word.remaining()).raw(word).end();
  }

  /// A number as a word.
  public RespWriter bulk(long number) throws IOException {
    bulkHead(digits.length - decimal(number));
    int start = decimal(number); // again: the head's own number went the same way
    room(digits.length);
    buffer.put(digits, start, digits.length - start);
    return end();
  }

  /// The head of a word that [#raw] fills and [#end] ends.
  public RespWriter bulkHead(long length) throws IOException {
    return head('$', length);
  }

  /// Bytes as they are, between position and limit, which stay where they are.
  public RespWriter raw(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (length >= LARGE_BYTES) {
      flush();
      wire.write(bytes.duplicate());
    } else {
      room(length);
      buffer.put(buffer.position(), bytes, bytes.position(), length);
      buffer.position(buffer.position() + length);
    }
    return this;
  }

  /// One byte as it is.
  public RespWriter raw(byte one) throws IOException {
    room(1);
    buffer.put(one);
    return this;
  }

  /// The end of a line or of a word.
  public RespWriter end() throws IOException {
    room(2);
    buffer.put((byte) '\r').put((byte) '\n');
    return this;
  }

  /// Sends what is gathered.
  public void flush() throws IOException {
    buffer.flip();
    try {
      wire.write(buffer);
    } finally {
      buffer.clear();
    }
  }

  private RespWriter head(char kind, long number) throws IOException {
    int start = decimal(number);
    room(1 + digits.length);
    buffer.put((byte) kind).put(digits, start, digits.length - start);
    return end();
  }

  /// Writes `number` to the end of `digits`.
  ///
  /// @return where it begins
  private int decimal(long number) {
    int at = digits.length;
    long rest = Math.absExact(number);
    do {
      digits[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    if (number < 0) {
      digits[--at] = '-';
    }
    return at;
  }

  private void room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }
}
