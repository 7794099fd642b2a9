package io.ringkeep.model;

import java.nio.ByteBuffer;

/// The one order of all stored tables: position, then database, then key bytes, all unsigned.
public final class RecordOrder {
  private RecordOrder() {}

  /// Negative, zero or positive as the first (position, database, key) stands before, at or after
  /// the second.
  public static int compare(
      long position1,
      int database1,
      ByteBuffer key1,
      long position2,
      int database2,
      ByteBuffer key2) {
    int order = Long.compareUnsigned(position1, position2);
    return order != 0 ? order : compareKeys(database1, key1, database2, key2);
  }

  /// The same where both positions are equal.
  public static int compareKeys(int database1, ByteBuffer key1, int database2, ByteBuffer key2) {
    if (database1 != database2) {
      return Integer.compare(database1, database2);
    }
    int mismatch = key1.mismatch(key2);
    if (mismatch < 0) {
      return 0;
    }
    if (mismatch >= key1.remaining() || mismatch >= key2.remaining()) {
      return Integer.compare(key1.remaining(), key2.remaining());
    }
    return Integer.compare(
        key1.get(key1.position() + mismatch) & 0xff, key2.get(key2.position() + mismatch) & 0xff);
  }
}
