package io.ringkeep.recover;

import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.restore.RestorePlan;

/// What a recovery will do: a value to print and test before anything runs.
///
/// @param target what was asked for
/// @param log of the shard
/// @param cut what that means
/// @param base how the base gets onto the target
public record RecoveryPlan(RecoveryTarget target, ShardLog log, Cut cut, RestorePlan base) {
  /// Bytes of the log that are replayed.
  public long logBytes() {
    return cut.offset() - cut.base().offset();
  }
}
