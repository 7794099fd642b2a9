package io.ringkeep.repository.manifest;

import java.time.Instant;
import java.util.List;

/// What lies in a snapshot, or in the part of it that came from one shard.
///
/// @param records number of records
/// @param bytes length of their own RDB bytes
/// @param storedBytes what they take in the store, indexes included
/// @param types how many there are of each type
/// @param largestValueBytes length of the largest value
/// @param expiring number of records that have an expiry
/// @param expiries when they expire: spans in order, without the empty ones
public record Contents(
    long records,
    long bytes,
    long storedBytes,
    List<TypeCount> types,
    long largestValueBytes,
    long expiring,
    List<ExpiryCount> expiries) {
  /// Of nothing.
  public static final Contents NONE = new Contents(0, 0, 0, List.of(), 0, 0, List.of());

  public Contents {
    types = List.copyOf(types);
    expiries = List.copyOf(expiries);
  }

  /// The same, taking other space in the store.
  public Contents withStoredBytes(long stored) {
    return new Contents(records, bytes, stored, types, largestValueBytes, expiring, expiries);
  }

  /// About how many records have expired at `moment`: whole spans before it, and of the span that
  /// it lies in a share.
  public long expiredBy(Instant moment) {
    double expired = 0;
    for (ExpiryCount span : expiries) {
      double length = span.until().toEpochMilli() - (double) span.from().toEpochMilli();
      double past = moment.toEpochMilli() - (double) span.from().toEpochMilli();
      expired += span.records() * Math.clamp(past / length, 0, 1);
    }
    return Math.round(expired);
  }
}
