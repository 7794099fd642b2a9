package io.ringkeep.model;

/// 128 bits that stand for what a record means: database, key, logical type, expiry and value,
/// whatever the encoding that a server chose for it.
///
/// Fingerprints add up (modulo 2^128), which is how a [SlotDigest] is made.
///
/// @param high upper 64 bits
/// @param low lower 64 bits
public record Fingerprint(long high, long low) {
  @Override
  public String toString() {
    return "%016x%016x".formatted(high, low);
  }
}
