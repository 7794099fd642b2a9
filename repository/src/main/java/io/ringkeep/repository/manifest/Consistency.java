package io.ringkeep.repository.manifest;

/// What moment a snapshot shows.
///
/// @param level `crash-cut`: each shard at a moment of its own; `fuzzy`: each key at a moment of
///   its own
/// @param skewMillis time between the earliest moment and the latest
public record Consistency(String level, long skewMillis) {
  /// Each key is as it was at some moment of `windowMillis`; keys written meanwhile may be there in
  /// either state.
  public static Consistency fuzzy(long windowMillis) {
    return new Consistency("fuzzy", windowMillis);
  }

  /// True if the keys of one shard are not of one moment.
  public boolean keyByKey() {
    return level.equals("fuzzy");
  }

  /// Each shard is consistent in itself; the moments differ by `skewMillis`.
  public static Consistency crashCut(long skewMillis) {
    return new Consistency("crash-cut", skewMillis);
  }
}
