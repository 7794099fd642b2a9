package io.ringkeep.model;

/// Where a record stands on the ring: an unsigned 64-bit number with the hash slot in its upper 14
/// bits and a hash of (database, key) in the lower 50.
///
/// It is passed about as a `long`, since there is one for each record of a cache; compare with
/// [Long#compareUnsigned]. Two keys may share a position, so tables sort by (position, database,
/// key).
public final class Position {
  /// Width of the hash behind the slot.
  public static final int HASH_BITS = 50;

  private static final long HASH_MASK = (1L << HASH_BITS) - 1;

  private Position() {}

  /// Position of a key in `slot` whose (database, key) hashes to `hash`; only the lower 50 bits
  /// count.
  public static long of(int slot, long hash) {
    return ((long) slot << HASH_BITS) | (hash & HASH_MASK);
  }

  /// Slot of a position.
  public static int slot(long position) {
    return (int) (position >>> HASH_BITS);
  }

  /// Lowest position of a slot.
  public static long first(int slot) {
    return (long) slot << HASH_BITS;
  }

  /// Highest position of a slot.
  public static long last(int slot) {
    return ((long) slot << HASH_BITS) | HASH_MASK;
  }
}
