package io.ringkeep.restore;

/// How records get into the target.
public enum Loader {
  /// Replication where the target allows it, else RESTORE.
  AUTO,
  /// The target is told to replicate from us, receives an RDB, and is promoted.
  REPLICATION,
  /// One `RESTORE` command for each key, pipelined, all shards at once.
  RESTORE
}
