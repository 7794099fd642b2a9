package io.ringkeep.restore;

/// What is compared with the snapshot's digests after the load.
public enum Proof {
  /// Every record of the target, read back by one full sync of each of its primaries.
  TARGET,
  /// Only what was sent.
  STREAM
}
