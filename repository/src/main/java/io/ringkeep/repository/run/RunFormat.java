package io.ringkeep.repository.run;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The stored form of a run, format 1: sorted blocks in data objects, and one index.
public final class RunFormat {
  /// Payload at which a block ends, unless one record alone is larger.
  public static final int BLOCK_BYTES = 64 * 1024;

  /// A record of more than this is cut into pieces of this size, each in a block of its own.
  public static final int PIECE_BYTES = 1 << 20;

  static final int BLOCK_HEADER_BYTES = 32;
  static final int MOST_VARINT_BYTES = 10;

  static final String HINT =
      "run 'verify' to learn what is affected, then restore another snapshot or another copy";

  private RunFormat() {}

  /// Name of a data object.
  ///
  /// @param number of the object in its run, from 0
  static String dataName(String directory, String run, int number) {
    return "%s%s-%04d.data".formatted(directory, run, number);
  }

  /// Name of a run's index.
  static String indexName(String directory, String run) {
    return directory + run + ".index";
  }

  /// Writes an unsigned number in groups of seven bits, lowest first; returns the index behind.
  static int putVarint(ByteBuffer into, int index, long value) {
    int at = index;
    long left = value;
    while ((left & ~0x7fL) != 0) {
      into.put(at++, (byte) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    into.put(at++, (byte) left);
    return at;
  }

  /// CRC32C of the bytes from `start`, inclusive, to `end`, exclusive.
  static int crc32c(ByteBuffer bytes, int start, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(start, end - start));
    return (int) crc.getValue();
  }
}
