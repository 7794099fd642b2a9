package io.ringkeep.repository.manifest;

/// What moment a snapshot shows.
///
/// @param level `cluster-cut`: all shards at one moment, to which their logs rolled them;
///   `crash-cut`: each shard at a moment of its own; `fuzzy`: each key at a moment of its own
/// @param skewMillis time between the earliest moment and the latest; how far at most a
///   `cluster-cut` lies before its moment
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

  /// Every shard was rolled forward to one moment; nothing later is in it, and what is left out is
  /// no older than `boundMillis` before it.
  public static Consistency clusterCut(long boundMillis) {
    return new Consistency("cluster-cut", boundMillis);
  }

  /// Each shard is consistent in itself; the moments differ by `skewMillis`.
  public static Consistency crashCut(long skewMillis) {
    return new Consistency("crash-cut", skewMillis);
  }
}
