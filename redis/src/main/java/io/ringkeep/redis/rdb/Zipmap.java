package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;

/// Reads a zipmap, the compact form of small hashes before Redis 2.6: fields and values in turn.
///
/// Source: the comment at the top of `zipmap.c`.
final class Zipmap implements ElementSequence {
  /*
   * FORMAT  u8 number of fields (254 and more: not known), then for each its length, its bytes, its value's
   *         length, u8 number of unused bytes, the value's bytes, the unused bytes; 0xff.
   *         Length: one byte below 254, or 254 and u32, little-endian.
   */
  private static final int COUNT_UNKNOWN = 254;
  private static final int LONG_LENGTH = 254;
  private static final int END_MARK = 0xff;

  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private int at;

  /// Where the end mark stands.
  private int last;

  private int expected;
  private int seen;
  private boolean valueIsNext;

  @Override
  public void begin(ByteBuffer zipmap, int start, int end) {
    buffer = zipmap;
    if (end - start < 2) {
      throw damaged("too short", end - start);
    }
    if ((buffer.get(end - 1) & 0xff) != END_MARK) {
      throw damaged("no end mark", buffer.get(end - 1) & 0xff);
    }
    at = start + 1;
    last = end - 1;
    expected = buffer.get(start) & 0xff;
    seen = 0;
    valueIsNext = false;
  }

  @Override
  public boolean next(Element into) {
    if (at == last) {
      if (expected < COUNT_UNKNOWN && expected != seen) {
        throw damaged("its number of fields is wrong", expected);
      }
      return false;
    }
    int length = length();
    int unused = valueIsNext ? buffer.get(skip(1)) & 0xff : 0;
    int from = skip(length);
    into.set(buffer, from, at);
    skip(unused);
    if (valueIsNext) {
      seen++;
    }
    valueIsNext = !valueIsNext;
    return true;
  }

  private int length() {
    int first = buffer.get(skip(1)) & 0xff;
    if (first < LONG_LENGTH) {
      return first;
    }
    if (first == END_MARK) {
      throw damaged("an end mark before its end, by bytes", last - at);
    }
    return buffer.getInt(skip(4));
  }

  private int skip(int bytes) {
    int from = at;
    if (bytes < 0 || bytes > last - from) {
      throw damaged("a string goes past its end, by bytes", (bytes & 0xffffffffL) - (last - at));
    }
    at = from + bytes;
    return from;
  }

  private static CorruptData damaged(String what, long number) {
    return new CorruptData("damaged zipmap: %s: %d".formatted(what, number), null, null);
  }
}
