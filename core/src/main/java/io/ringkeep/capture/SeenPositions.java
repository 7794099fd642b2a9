package io.ringkeep.capture;

/// A set of positions: an open table of longs, at most three quarters full, so eleven to twenty-two
/// bytes a position.
///
/// Two keys share a position with a chance of one in 10^6 among five million keys.
final class SeenPositions {
  private static final int FIRST_SLOTS = 1 << 12;

  private long[] table = new long[FIRST_SLOTS];
  private int size;
  private boolean zero;

  /// Adds a position.
  ///
  /// @return false if it was there
  boolean add(long position) {
    if (position == 0) {
      boolean added = !zero;
      zero = true;
      return added;
    }
    if (!put(table, position)) {
      return false;
    }
    if (++size > table.length / 4 * 3) {
      grow();
    }
    return true;
  }

  private static boolean put(long[] table, long position) {
    int mask = table.length - 1;
    // The upper bits are the slot, the lower a hash.
    int at = (int) (position ^ (position >>> 32)) & mask;
    while (table[at] != 0) {
      if (table[at] == position) {
        return false;
      }
      at = (at + 1) & mask;
    }
    table[at] = position;
    return true;
  }

  private void grow() {
    long[] larger = new long[table.length * 2];
    for (long position : table) {
      if (position != 0) {
        put(larger, position);
      }
    }
    table = larger;
  }
}
