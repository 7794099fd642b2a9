package io.ringkeep.store.sftp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// A request on its way to the server: `uint32 length, byte type, uint32 id`, then its fields, all
/// big-endian. A string is a `uint32` length and its bytes.
final class SftpMessage {
  private static final int LENGTH_BYTES = 4;
  private static final int ID_OFFSET = 5;

  private byte[] bytes;
  private int size;

  private SftpMessage(int type, int capacity) {
    bytes = new byte[capacity];
    size = LENGTH_BYTES;
    bytes[size++] = (byte) type;
  }

  /// A request; its id comes when it is sent.
  static SftpMessage of(int type) {
    return of(type, 0);
  }

  /// A request with room for a payload of so many bytes.
  static SftpMessage of(int type, int payloadBytes) {
    return new SftpMessage(type, payloadBytes + 128).integer(0);
  }

  /// The greeting, which has a version where others have an id.
  static SftpMessage greeting() {
    return new SftpMessage(SftpProtocol.INIT, 16).integer(SftpProtocol.VERSION);
  }

  static SftpMessage extended(String name) {
    return of(SftpProtocol.EXTENDED).string(name);
  }

  SftpMessage integer(int value) {
    room(Integer.BYTES);
    ByteBuffer.wrap(bytes).putInt(size, value);
    size += Integer.BYTES;
    return this;
  }

  SftpMessage longInteger(long value) {
    return integer((int) (value >>> 32)).integer((int) value);
  }

  SftpMessage string(String text) {
    return string(ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  /// Takes all that remains in `content`, which stays as it is.
  SftpMessage string(ByteBuffer content) {
    int length = content.remaining();
    integer(length).room(length);
    content.get(content.position(), bytes, size, length);
    size += length;
    return this;
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
  }

  /// The finished message; the same bytes each time but for the id.
  ByteBuffer withId(int id) {
    ByteBuffer message = ByteBuffer.wrap(bytes, 0, size);
    message.putInt(0, size - LENGTH_BYTES);
    if (bytes[LENGTH_BYTES] != SftpProtocol.INIT) {
      message.putInt(ID_OFFSET, id);
    }
    return message;
  }
}
