package io.ringkeep.restore;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.backup.Via;
import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

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
    Path folder = Files.createTempDirectory("ringkeep-undo");
    try {
      return take(plan.request(), folder, repository, clock, progress);
    } finally {
      delete(folder);
    }
  }

  private static String take(
      RestoreRequest request, Path folder, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
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
            /* adopt= */ true,
            new Incremental(/* full= */ true, /* acceptCollapse= */ true, folder));
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
    return Backup.run(Backup.plan(backup, repository), repository, clock, progress).manifest().id();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
