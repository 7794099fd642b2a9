package io.ringkeep.restore;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.backup.Via;
import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

/// A snapshot of a target, taken before it is changed, in a lineage of its own.
public final class UndoSnapshot {
  private static final Duration MAX_LAG = Duration.ofSeconds(10);

  private UndoSnapshot() {}

  /// Name of the lineage that keeps what restores of `cache` found.
  public static String cache(String cache) {
    return "undo-" + cache;
  }

  /// Backs the plan's target up; by scan if it refuses `PSYNC`.
  ///
  /// @return id of the snapshot
  /// @throws BackupException if the target can't be read: it was not changed then
  static String take(RestorePlan plan, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    RestoreRequest request = plan.request();
    BackupRequest backup =
        new BackupRequest(
            cache(request.cache()),
            request.target(),
            request.connection(),
            SourcePolicy.PRIMARY,
            MAX_LAG,
            /* forksPerHost= */ 1,
            request.options().limit(),
            request.timeout(),
            /* adopt= */ true);
    try {
      return take(backup, repository, clock, progress);
    } catch (BackupException.AccessDenied e) {
      progress.note("the target is backed up by scan: " + e.getMessage());
      return take(backup.with(Via.SCAN), repository, clock, progress);
    }
  }

  private static String take(
      BackupRequest backup, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    return Backup.run(Backup.plan(backup, repository), repository, clock, progress)
        .manifest()
        .id();
  }
}
