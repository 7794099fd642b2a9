package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Reads the parts of an encoded value one after the other: numbers, lengths, strings.
///
/// Nothing is read behind the value's end, whatever the bytes say. Source: `rdb.c`.
final class ValueCursor {
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private int start;
  private int end;
  private int at;

  /// Starts at the first byte of `value`.
  void begin(ByteBuffer value) {
    buffer =
        value.order() == ByteOrder.LITTLE_ENDIAN
            ? value
            : value.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    start = value.position();
    end = value.limit();
    at = start;
  }

  /// Number of bytes read so far.
  int offset() {
    return at - start;
  }

  /// Requires that nothing is left.
  void end() {
    if (at != end) {
      throw new CorruptData("bytes behind the value's end: count=" + (end - at), null, null);
    }
  }

  /// One byte, unsigned.
  int unsignedByte() {
    return buffer.get(skip(1)) & 0xff;
  }

  /// Eight bytes, little-endian: a time in milliseconds, an integer, or the bits of a double.
  long littleEndianLong() {
    return buffer.getLong(skip(Long.BYTES));
  }

  /// Eight bytes, big-endian: half of a stream entry's id.
  long bigEndianLong() {
    return Long.reverseBytes(littleEndianLong());
  }

  /// A number that `rdbSaveLen` wrote: 64 bits, unsigned.
  long number() {
    int first = peek();
    int bytes = RdbLength.bytes(first);
    if (RdbLength.special(first) || bytes == 0) {
      throw new CorruptData("not a number: byte=" + first, null, null);
    }
    return RdbLength.get(buffer, skip(bytes));
  }

  /// How many things follow, each of which takes one byte at least: more than there are bytes left
  /// is damage.
  long count() {
    long count = number();
    if (count < 0 || count > end - at) {
      throw new CorruptData(
          "more elements than bytes: elements=%s bytes=%d"
              .formatted(Long.toUnsignedString(count), end - at),
          null,
          null);
    }
    return count;
  }

  /// A string: raw, as an integer, or compressed.
  void string(Element into) {
    int first = peek();
    if (RdbLength.special(first)) {
      skip(1);
      special(RdbLength.form(first), into);
    } else {
      bytes(number(), into);
    }
  }

  /// The next `count` bytes.
  void bytes(long count, Element into) {
    if (count < 0 || count > end - at) {
      throw tooFew(count);
    }
    int from = skip((int) count);
    into.set(buffer, from, at);
  }

  /// All bytes that are left.
  void rest(Element into) {
    bytes(end - at, into);
  }

  private void special(int form, Element into) {
    switch (form) {
      case RdbLength.INT8 -> into.set(buffer.get(skip(1)));
      case RdbLength.INT16 -> into.set(buffer.getShort(skip(2)));
      case RdbLength.INT32 -> into.set(buffer.getInt(skip(4)));
      case RdbLength.LZF -> {
        long compressedLength = number();
        long length = number();
        bytes(compressedLength, into);
        if (length < 0 || length > Lzf.mostBytes(compressedLength)) {
          throw new CorruptData(
              "compressed string cannot be that long: compressedBytes=%d bytes=%s"
                  .formatted(compressedLength, Long.toUnsignedString(length)),
              null,
              null);
        }
        into.compressed(length);
      }
      default -> throw new CorruptData("unknown string encoding: form=" + form, null, null);
    }
  }

  private int peek() {
    if (at == end) {
      throw tooFew(1);
    }
    return buffer.get(at) & 0xff;
  }

  private int skip(int count) {
    int from = at;
    if (count > end - from) {
      throw tooFew(count);
    }
    at = from + count;
    return from;
  }

  private CorruptData tooFew(long count) {
    return new CorruptData(
        "value ends too early: expectedBytes=%s actual=%d"
            .formatted(Long.toUnsignedString(count), end - at),
        null,
        null);
  }
}
