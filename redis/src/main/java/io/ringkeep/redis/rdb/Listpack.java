package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;

/// Reads a listpack, the compact form of small collections since Redis 7.0 and of streams since
/// 5.0.
///
/// Source: `listpack.c` and the specification by Salvatore Sanfilippo that it implements.
final class Listpack implements ElementSequence {
  /*
   * FORMAT  u32 total bytes, u16 number of elements (65535: not known), elements, 0xff; little-endian.
   *         Element: encoding and data, then their length once more, to walk backwards, in 1–5 bytes of 7 bits.
   *
   *         0xxxxxxx                       0 to 127
   *         10xxxxxx data                  string of up to 63 bytes
   *         110xxxxx xxxxxxxx              13 bits, signed
   *         1110xxxx xxxxxxxx data         string of up to 4095 bytes
   *         11110000 u32 data              string
   *         11110001 … 11110100            16, 24, 32, 64 bits, signed
   *         11111111                       the end
   *
   * VALIDITY  The total must be the length of the bytes at hand, the end mark their last byte, the number of
   *           elements right where it is known. The backward lengths are stepped over and not compared: a
   *           forward walk does not depend on them.
   */
  private static final int HEADER_BYTES = 6;
  private static final int COUNT_UNKNOWN = 0xffff;
  private static final int END_MARK = 0xff;

  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private int at;

  /// Where the end mark stands.
  private int last;

  private int expected;
  private int seen;

  @Override
  public void begin(ByteBuffer listpack, int start, int end) {
    buffer = listpack;
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
    expected = buffer.getShort(start + 4) & 0xffff;
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
    int first = buffer.get(at) & 0xff;
    if (first < 0x80) {
      into.set(first);
      step(1);
    } else if (first < 0xc0) {
      string(first & 0x3f, 1, into);
    } else if (first < 0xe0) {
      need(2);
      int value = ((first & 0x1f) << 8) | (buffer.get(at + 1) & 0xff);
      into.set((value << 19) >> 19);
      step(2);
    } else if (first < 0xf0) {
      need(2);
      string(((first & 0x0f) << 8) | (buffer.get(at + 1) & 0xff), 2, into);
    } else {
      wide(first, into);
    }
    seen++;
    return true;
  }

  /// Reads the next element, which must be an integer.
  long nextInteger(Element scratch) {
    if (!next(scratch) || !scratch.isInteger()) {
      throw damaged("an integer is missing, before offset from its end", last - at);
    }
    return scratch.integer();
  }

  /// Reads the next element, which must be there.
  void nextElement(Element into) {
    if (!next(into)) {
      throw damaged("elements are missing, present", seen);
    }
  }

  /// Goes on where `other` stands, in the same bytes.
  void beginAt(Listpack other) {
    buffer = other.buffer;
    at = other.at;
    last = other.last;
    expected = COUNT_UNKNOWN;
    seen = other.seen;
  }

  private void wide(int first, Element into) {
    switch (first) {
      case 0xf0 -> {
        need(5);
        int length = buffer.getInt(at + 1);
        if (length < 0) {
          throw damaged("a string is too long", length & 0xffffffffL);
        }
        string(length, 5, into);
      }
      case 0xf1 -> {
        need(3);
        into.set(buffer.getShort(at + 1));
        step(3);
      }
      case 0xf2 -> {
        need(4);
        into.set((buffer.getShort(at + 1) & 0xffff) | (buffer.get(at + 3) << 16));
        step(4);
      }
      case 0xf3 -> {
        need(5);
        into.set(buffer.getInt(at + 1));
        step(5);
      }
      case 0xf4 -> {
        need(9);
        into.set(buffer.getLong(at + 1));
        step(9);
      }
      default -> throw damaged("unknown element", first);
    }
  }

  private void string(int length, int headerBytes, Element into) {
    if (length > last - at - headerBytes) {
      throw damaged("a string goes past its end", length);
    }
    int from = at + headerBytes;
    into.set(buffer, from, from + length);
    step(headerBytes + length);
  }

  /// Steps over an element of so many bytes and the length behind it.
  private void step(int bytes) {
    // The odd limits are listpack.c's own: 16383 already takes three bytes.
    int backwards =
        bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5;
    if (bytes == 16383 || bytes == 2097151 || bytes == 268435455) {
      // Not so in Valkey 9.1. The longer one begins with a zero, the shorter one with all bits of
      // 127.
      need((long) bytes + 1);
      backwards -= buffer.get(at + bytes) == 0 ? 0 : 1;
    }
    need((long) bytes + backwards);
    at += bytes + backwards;
  }

  private void need(long bytes) {
    if (bytes > last - at) {
      throw damaged("an element goes past its end, by bytes", bytes - (last - at));
    }
  }

  private static CorruptData damaged(String what, long number) {
    return new CorruptData("damaged listpack: %s: %d".formatted(what, number), null, null);
  }
}
