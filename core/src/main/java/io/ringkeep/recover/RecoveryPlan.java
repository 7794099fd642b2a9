package io.ringkeep.recover;

import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.scratch.EngineSearch;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a recovery will do: a value to print and test before anything runs.
///
/// @param target what was asked for
/// @param cuts what that means for each shard
/// @param map how slots were served then; empty if the cache is no cluster
/// @param time that was asked for, or that the shards were cut about, if there is one
/// @param scratch program of the servers of our own that roll the shards forward; empty if the log
///   is replayed straight to the target
/// @param base how the base of the first shard would get onto the target: what is loaded instead is
///   as large and as old as the log has made it
public record RecoveryPlan(
    RecoveryTarget target,
    List<ShardCut> cuts,
    Optional<SlotMap> map,
    Optional<Instant> time,
    Optional<EngineSearch.Found> scratch,
    RestorePlan base) {
  public RecoveryPlan {
    cuts = List.copyOf(cuts);
  }

  /// The only cut there is, or the first.
  public Cut cut() {
    return cuts.getFirst().cut();
  }

  /// Bytes of the log that are replayed.
  public long logBytes() {
    return cuts.stream().mapToLong(ShardCut::logBytes).sum();
  }
}
