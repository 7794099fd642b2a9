package io.ringkeep.backup;

/// How a source is read.
public enum Via {
  /// As a replica would: one full sync of each shard, each at a moment of its own.
  PSYNC,
  /// Key by key, for servers that refuse `PSYNC`: each key at a moment of its own.
  SCAN
}
