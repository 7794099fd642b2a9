package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;

/// Reads an intset, the compact form of sets of integers.
///
/// Source: `intset.c`: u32 bytes of each integer (2, 4 or 8), u32 their number, the integers in
/// order; little-endian.
final class Intset implements ElementSequence {
  private static final int HEADER_BYTES = 8;

  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private int width;
  private int at;
  private int end;

  @Override
  public void begin(ByteBuffer intset, int start, int end) {
    buffer = intset;
    if (end - start < HEADER_BYTES) {
      throw damaged("too short", end - start);
    }
    width = buffer.getInt(start);
    long count = buffer.getInt(start + 4) & 0xffffffffL;
    if (width != 2 && width != 4 && width != 8) {
      throw damaged("unknown width", width & 0xffffffffL);
    }
    if (HEADER_BYTES + count * width != end - start) {
      throw damaged("its number of integers is wrong", count);
    }
    at = start + HEADER_BYTES;
    this.end = end;
  }

  @Override
  public boolean next(Element into) {
    if (at == end) {
      return false;
    }
    switch (width) {
      case 2 -> {
        into.set(buffer.getShort(at));
      }
      case 4 -> into.set(buffer.getInt(at));
      default -> {
        into.set(buffer.getLong(at));
      }
    }
    at += width;
    return true;
  }

  private static CorruptData damaged(String what, long number) {
    return new CorruptData("damaged intset: %s: %d".formatted(what, number), null, null);
  }
}
