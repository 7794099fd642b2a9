package io.ringkeep.archive;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupPlan;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ServerError;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// Takes a snapshot where the log has none to stand on: at first, and behind each gap. Runs on a
/// thread of its own, which may be interrupted.
final class BaseTaker {
  private static final Duration LOOKS_EVERY = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(15);

  private final ArchiveRequest request;
  private final Repository repository;
  private final ShardLog log;
  private final ArchiveStatus status;
  private final Clock clock;
  private final Progress progress;

  BaseTaker(
      ArchiveRequest request,
      Repository repository,
      ShardLog log,
      ArchiveStatus status,
      Clock clock,
      Progress progress) {
    this.request = request;
    this.repository = repository;
    this.log = log;
    this.status = status;
    this.clock = clock;
    this.progress = progress;
  }

  /// Sees to it that there is a base until it is interrupted.
  void run() {
    int seen = -1;
    try {
      while (true) {
        Thread.sleep(LOOKS_EVERY);
        int beginnings = status.beginnings();
        if (beginnings == seen || !status.isLinked()) {
          continue;
        }
        try {
          if (provide()) {
            seen = beginnings;
          }
        } catch (BackupException | ServerError | IOException e) {
          if (Thread.currentThread().isInterrupted()) {
            return;
          }
          progress.note("no base yet: " + e.getMessage());
          status.warning("the log has no base: " + e.getMessage());
          Thread.sleep(RETRY);
        }
      }
    } catch (InterruptedException e) {
      // This is how it is ended.
    }
  }

  /// @return false if nothing is in the log yet that a base could stand on
  private boolean provide() throws IOException, InterruptedException {
    List<Stretch> stretches = log.stretches();
    if (stretches.isEmpty()) {
      return false;
    }
    Stretch current = stretches.getLast();
    for (Manifest manifest : repository.snapshots(request.base().cache()).all()) {
      if (standsOn(current, manifest)) {
        return true;
      }
    }
    progress.note("taking a base for the log");
    BackupPlan plan = Backup.plan(request.base(), repository);
    BackupResult result = Backup.run(plan, repository, clock, progress);
    progress.note("base taken: snapshot=" + result.manifest().id());
    // Such as far fewer records than before: a primary that was restarted empty makes a good base
    // too.
    status.warning(
        result.warnings().stream()
            .filter(warning -> !plan.warnings().contains(warning))
            .findFirst()
            .orElse(""));
    return standsOn(current, result.manifest());
  }

  private boolean standsOn(Stretch stretch, Manifest manifest) {
    return manifest.shards().stream()
        .anyMatch(shard ->
            stretch.holds(shard.replid(), shard.offset())
                || (shard.replid().equals(stretch.replid()) && shard.offset() >= stretch.start()));
  }
}
