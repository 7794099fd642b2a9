package io.ringkeep.repository.manifest;

/// What moment a snapshot shows.
///
/// @param level `crash-cut`: each shard at a moment of its own
/// @param skewMillis time between the earliest shard's moment and the latest's
public record Consistency(String level, long skewMillis) {
  /// Each shard is consistent in itself; the moments differ by `skewMillis`.
  public static Consistency crashCut(long skewMillis) {
    return new Consistency("crash-cut", skewMillis);
  }
}
