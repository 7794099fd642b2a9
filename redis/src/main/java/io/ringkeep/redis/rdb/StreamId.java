package io.ringkeep.redis.rdb;

/// The id of a stream entry, `millis-sequence`, both unsigned.
///
/// @param millis milliseconds since the epoch when the entry was added, or what its writer said
/// @param sequence tells entries of one millisecond apart
public record StreamId(long millis, long sequence) implements Comparable<StreamId> {
  /// `0-0`: before every entry.
  public static final StreamId ZERO = new StreamId(0, 0);

  @Override
  public int compareTo(StreamId other) {
    int order = Long.compareUnsigned(millis, other.millis);
    return order != 0 ? order : Long.compareUnsigned(sequence, other.sequence);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(millis) + "-" + Long.toUnsignedString(sequence);
  }
}
