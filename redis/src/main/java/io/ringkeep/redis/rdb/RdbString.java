package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A string of the item in work, as plain bytes: where it stands if it stands so, else decoded.
final class RdbString {
  private ByteBuffer decoded = ByteBuffer.allocateDirect(64);
  private boolean plain;
  private long offset;
  private int bytes;

  /// Reads a string in any form; the one before is forgotten.
  void read(RdbInput in) throws IOException {
    int first = in.u8();
    plain = !RdbLength.special(first);
    if (plain) {
      bytes = first < 0x40 ? first : in.longCount(first);
      offset = in.offset();
      in.skip(bytes);
      return;
    }
    switch (RdbLength.form(first)) {
      case RdbLength.INT8 -> decimal((byte) in.u8());
      case RdbLength.INT16 -> decimal((short) (in.u8() | in.u8() << 8));
      case RdbLength.INT32 -> decimal(in.i32());
      case RdbLength.LZF -> decompress(in);
      default -> throw in.unknownForm(first);
    }
  }

  /// Its plain bytes: a view that holds until the next item of `in` begins.
  ByteBuffer view(RdbInput in) {
    return plain ? in.view(offset, bytes) : decoded.slice(0, bytes);
  }

  /// Its plain bytes as UTF-8 text.
  String text(RdbInput in) {
    return StandardCharsets.UTF_8.decode(view(in)).toString();
  }

  private void decimal(int value) {
    byte[] digits = Integer.toString(value).getBytes(StandardCharsets.US_ASCII);
    bytes = digits.length;
    decoded.put(0, digits);
  }

  private void decompress(RdbInput in) throws IOException {
    int compressed = in.count();
    bytes = in.count();
    long from = in.offset();
    if (bytes > Lzf.mostBytes(compressed)) {
      throw RdbInput.damaged(
          "impossible LZF string in RDB", from, "compressed=" + compressed + " bytes=" + bytes);
    }
    in.skip(compressed);
    if (decoded.capacity() < bytes) {
      decoded = ByteBuffer.allocateDirect(Math.max(bytes, 2 * decoded.capacity()));
    }
    int start = in.index(from);
    try {
      Lzf.decompress(in.buffer(), start, start + compressed, decoded, 0, bytes);
    } catch (CorruptData e) {
      throw new CorruptData(
          "damaged LZF string in RDB: offset=%d compressed=%d bytes=%d"
              .formatted(from, compressed, bytes),
          null,
          e);
    }
  }
}
