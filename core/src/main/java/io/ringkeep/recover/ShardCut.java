package io.ringkeep.recover;

import io.ringkeep.repository.log.ShardLog;

/// A shard's log and where it is cut.
public record ShardCut(ShardLog log, Cut cut) {
  /// Bytes of the log that are replayed.
  public long logBytes() {
    return cut.offset() - cut.base().offset();
  }
}
