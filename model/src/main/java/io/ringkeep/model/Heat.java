package io.ringkeep.model;

/// How recently or how often a key was used, as a primary under an LRU or LFU policy recorded it.
///
/// A replica does not see its primary's reads, so heat taken from a replica is noise.
public sealed interface Heat {
  /// Nothing was recorded.
  Heat UNKNOWN = new Unknown();

  /// Nothing was recorded: the server ran without an LRU or LFU policy.
  record Unknown() implements Heat {}

  /// Seconds since the last access (RDB opcode 248).
  record Idle(long seconds) implements Heat {}

  /// The logarithmic access counter, 0–255 (RDB opcode 249).
  record Frequency(int counter) implements Heat {}
}
