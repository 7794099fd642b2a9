package io.ringkeep.model;

import java.nio.ByteBuffer;

/// Computes positions under one [HashKey].
///
/// Not thread-safe: one for each thread.
public final class RecordHasher {
  private final SipHash hash;
  private final long hashMask;

  /// Positions with all 50 bits of hash behind the slot.
  public RecordHasher(HashKey key) {
    this(key, Position.HASH_BITS);
  }

  /// Positions of which only the upper `hashBits` of the 50 carry a hash, so that a test can make
  /// them collide.
  ///
  /// @param hashBits 0–50
  public RecordHasher(HashKey key, int hashBits) {
    hash = new SipHash(key);
    hashMask = ((1L << hashBits) - 1) << (Position.HASH_BITS - hashBits);
  }

  /// Position of a key.
  public long position(int database, ByteBuffer key) {
    hash.reset().putLong(database).putBytes(key).finish();
    return Position.of(Slot.of(key), hash.low() & hashMask);
  }

  /// 64 more bits of the hash of the key that [#position] was asked for last. Beside the position
  /// they tell any two keys of a cache apart.
  public long keyCheck() {
    return hash.high();
  }
}
