package io.ringkeep.retention;

import io.ringkeep.repository.log.LogTrim;
import io.ringkeep.repository.log.ShardLog;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a [ForgetRequest] comes to; nothing is changed yet.
///
/// @param request that it answers
/// @param verdicts of all snapshots, in the order of their commits
/// @param freesBytes what `prune` can free of those that go, as far as manifests can be read
/// @param log what goes of the log of each shard; those of which nothing goes are not there
/// @param warnings what the operator should know before
public record ForgetPlan(
    ForgetRequest request,
    List<Verdict> verdicts,
    long freesBytes,
    List<Log> log,
    List<String> warnings) {

  /// What goes of the log of one shard.
  ///
  /// @param log of the shard
  /// @param trim what goes
  /// @param from the earliest moment that can be restored then, by the server's clock; empty if
  ///   none can, or none is known
  public record Log(ShardLog log, LogTrim trim, Optional<Instant> from) {}

  public ForgetPlan {
    verdicts = List.copyOf(verdicts);
    log = List.copyOf(log);
    warnings = List.copyOf(warnings);
  }

  /// Ids of those that go.
  public List<String> forgotten() {
    return verdicts.stream()
        .filter(verdict -> !verdict.kept())
        .map(verdict -> verdict.snapshot().id())
        .toList();
  }
}
