package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;

/// Reads a ziplist, the compact form of small collections before Redis 7.0.
///
/// Source: the comment at the top of `ziplist.c`.
final class Ziplist implements ElementSequence {
  /*
   * FORMAT  u32 total bytes, u32 offset of the last element, u16 number of elements (65535: not known), elements,
   *         0xff; little-endian. Element: length of the one before it, encoding, data.
   *
   *         length before: one byte below 254, or 254 and u32
   *         00xxxxxx data                  string of up to 63 bytes
   *         01xxxxxx xxxxxxxx data         string of up to 16383 bytes, big-endian
   *         10______ 4 bytes data          string, its length big-endian
   *         11000000 11010000 11100000     16, 32, 64 bits, signed
   *         11110000                       24 bits, signed
   *         11111110                       8 bits, signed
   *         11110001 … 11111101            0 to 12
   *
   * VALIDITY  as for a Listpack.
   */
  private static final int HEADER_BYTES = 10;
  private static final int COUNT_UNKNOWN = 0xffff;
  private static final int END_MARK = 0xff;
  private static final int LONG_LENGTH_BEFORE = 254;

  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private int at;

  /// Where the end mark stands.
  private int last;

  private int expected;
  private int seen;

  @Override
  public void begin(ByteBuffer ziplist, int start, int end) {
    buffer = ziplist;
    int size = end - start;
    if (size <= HEADER_BYTES) {
      throw damaged("too short", size);
    }
    if (buffer.getInt(start) != size) {
      throw damaged("its length is wrong", buffer.getInt(start));
    }
    if ((buffer.get(end - 1) & 0xff) != END_MARK) {
      throw damaged("no end mark", buffer.get(end - 1) & 0xff);
    }
    at = start + HEADER_BYTES;
    last = end - 1;
    expected = buffer.getShort(start + 8) & 0xffff;
    seen = 0;
  }

  @Override
  public boolean next(Element into) {
    if (at == last) {
      if (expected != COUNT_UNKNOWN && expected != seen) {
        throw damaged("its number of elements is wrong", expected);
      }
      return false;
    }
    int lengthBefore = buffer.get(at) & 0xff;
    if (lengthBefore == END_MARK) {
      throw damaged("an end mark before its end, by bytes", last - at);
    }
    at += lengthBefore < LONG_LENGTH_BEFORE ? 1 : 5;
    int encoding = buffer.get(skip(1)) & 0xff;
    switch (encoding >>> 6) {
      case 0 -> string(encoding & 0x3f, into);
      case 1 -> string(((encoding & 0x3f) << 8) | (buffer.get(skip(1)) & 0xff), into);
      case 2 -> string(Integer.reverseBytes(buffer.getInt(skip(4))), into);
      default -> integer(encoding, into);
    }
    seen++;
    return true;
  }

  private void string(int length, Element into) {
    int from = skip(length);
    into.set(buffer, from, at);
  }

  private void integer(int encoding, Element into) {
    switch (encoding) {
      case 0xc0 -> into.set(buffer.getShort(skip(2)));
      case 0xd0 -> into.set(buffer.getInt(skip(4)));
      case 0xe0 -> {
        into.set(buffer.getLong(skip(8)));
      }
      case 0xf0 -> {
        int from = skip(3);
        into.set((buffer.getShort(from) & 0xffff) | (buffer.get(from + 2) << 16));
      }
      case 0xfe -> into.set(buffer.get(skip(1)));
      default -> {
        if (encoding < 0xf1 || encoding > 0xfd) {
          throw damaged("unknown element", encoding);
        }
        into.set((encoding & 0x0f) - 1);
      }
    }
  }

  private int skip(int bytes) {
    int from = at;
    if (bytes < 0 || bytes > last - from) {
      throw damaged("an element goes past its end, by bytes", (bytes & 0xffffffffL) - (last - at));
    }
    at = from + bytes;
    return from;
  }

  private static CorruptData damaged(String what, long number) {
    return new CorruptData("damaged ziplist: %s: %d".formatted(what, number), null, null);
  }
}
