package io.ringkeep.backup;

/// Which server of a shard may be captured.
public enum SourcePolicy {
  /// A healthy replica; where there is none, the primary, which is said.
  PREFER_REPLICA,
  /// A healthy replica or nothing.
  REPLICA,
  /// The primary.
  PRIMARY
}
