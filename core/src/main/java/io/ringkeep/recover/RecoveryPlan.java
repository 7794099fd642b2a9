package io.ringkeep.recover;

import io.ringkeep.restore.RestorePlan;
import io.ringkeep.scratch.EngineSearch;
import java.util.List;
import java.util.Optional;

/// What a recovery will do: a value to print and test before anything runs.
///
/// @param moment that the target is brought to
/// @param scratch program of the servers of our own that roll the shards forward; empty if the log
///   is replayed straight to the target
/// @param base how the base of the first shard would get onto the target: what is loaded instead is
///   as large and as old as the log has made it
public record RecoveryPlan(Moment moment, Optional<EngineSearch.Found> scratch, RestorePlan base) {
  /// Where each shard is cut.
  public List<ShardCut> cuts() {
    return moment.cuts();
  }

  /// The only cut there is, or the first.
  public Cut cut() {
    return moment.cuts().getFirst().cut();
  }
}
