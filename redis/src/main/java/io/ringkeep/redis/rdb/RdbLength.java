package io.ringkeep.redis.rdb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The length encoding of RDB: one, two, five or nine bytes, told apart by the first.
///
/// ```
/// 00xxxxxx                     the length, 0–63
/// 01xxxxxx xxxxxxxx            the length, 14 bits, big-endian
/// 10000000 + 4 bytes           the length, 32 bits, big-endian
/// 10000001 + 8 bytes           the length, 64 bits, big-endian (since RDB 8)
/// 11xxxxxx                     no length: a string in the special form that the six bits name
/// ```
///
/// A first byte of 10000010–10111111 means nothing. All access is absolute and whatever the order
/// of the buffer; callers see to it that the bytes are there.
///
/// Source: `rdbLoadLenByRef` and `rdbSaveLen` in `rdb.c`.
final class RdbLength {
  /// Special form: one byte, signed.
  static final int INT8 = 0;

  /// Special form: two bytes, signed, little-endian.
  static final int INT16 = 1;

  /// Special form: four bytes, signed, little-endian.
  static final int INT32 = 2;

  /// Special form: compressed length, plain length, compressed bytes.
  static final int LZF = 3;

  /// The most bytes a length takes.
  static final int MAX_BYTES = 9;

  private static final int BITS_32 = 0x80;
  private static final int BITS_64 = 0x81;
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private RdbLength() {}

  /// True if the byte `first` (0–255) begins a string in a special form.
  static boolean special(int first) {
    return first >= 0xc0;
  }

  /// The special form that the byte `first` (0–255) names.
  static int form(int first) {
    return first & 0x3f;
  }

  /// How many bytes a length that begins with the byte `first` (0–255) takes: 1, 2, 5 or 9; 0 if
  /// none begins so.
  static int bytes(int first) {
    if (first < 0x40) {
      return 1;
    }
    if (first < 0x80) {
      return 2;
    }
    return first == BITS_32 ? 5 : first == BITS_64 ? 9 : 0;
  }

  /// The length whose first byte stands at `at`; above 2^63 it comes out negative.
  ///
  /// @throws IllegalArgumentException if none begins there
  static long get(ByteBuffer buffer, int at) {
    int first = buffer.get(at) & 0xff;
    if (first < 0x40) {
      return first;
    }
    if (first < 0x80) {
      return ((first & 0x3fL) << 8) | (buffer.get(at + 1) & 0xff);
    }
    return switch (first) {
      case BITS_32 -> (int) INT.get(buffer, at + 1) & 0xffff_ffffL;
      case BITS_64 -> (long) LONG.get(buffer, at + 1);
      default -> throw new IllegalArgumentException("not a length: first=" + first);
    };
  }

  /// Writes `length` at `at` in its shortest form and returns where it ends; a negative one stands
  /// for its unsigned value.
  static int put(ByteBuffer buffer, int at, long length) {
    if (length >= 0 && length < 0x40) {
      buffer.put(at, (byte) length);
      return at + 1;
    }
    if (length >= 0 && length < 0x4000) {
      buffer.put(at, (byte) (0x40 | length >> 8)).put(at + 1, (byte) length);
      return at + 2;
    }
    if (length >>> 32 == 0) {
      buffer.put(at, (byte) BITS_32);
      INT.set(buffer, at + 1, (int) length);
      return at + 5;
    }
    buffer.put(at, (byte) BITS_64);
    LONG.set(buffer, at + 1, length);
    return at + 9;
  }
}
