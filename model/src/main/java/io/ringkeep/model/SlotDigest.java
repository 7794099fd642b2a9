package io.ringkeep.model;

/// The number of records in a hash slot and the sum of their fingerprints, modulo 2^128.
///
/// Two slots with equal digests hold the same records, in whatever order and encoding. As a change
/// (what a run adds to a slot) the count may be negative.
///
/// @param records number of records
/// @param high upper 64 bits of the sum
/// @param low lower 64 bits of the sum
public record SlotDigest(long records, long high, long low) {
  /// Of no records.
  public static final SlotDigest EMPTY = new SlotDigest(0, 0, 0);

  /// This with one record more.
  public SlotDigest plus(Fingerprint fingerprint) {
    return plus(new SlotDigest(1, fingerprint.high(), fingerprint.low()));
  }

  /// This with one record less.
  public SlotDigest minus(Fingerprint fingerprint) {
    return minus(new SlotDigest(1, fingerprint.high(), fingerprint.low()));
  }

  /// The sum of both.
  public SlotDigest plus(SlotDigest other) {
    long sum = low + other.low;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new SlotDigest(records + other.records, high + other.high + carry, sum);
  }

  /// What is left of this without the other.
  public SlotDigest minus(SlotDigest other) {
    long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
    return new SlotDigest(records - other.records, high - other.high - borrow, low - other.low);
  }

  @Override
  public String toString() {
    return records + ":%016x%016x".formatted(high, low);
  }
}
