package io.ringkeep.restore;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.backup.Via;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.retention.Forget;
import io.ringkeep.retention.ForgetRequest;
import io.ringkeep.retention.RetentionPolicy;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A snapshot of a target, taken before it is changed, in a lineage of its own.
public final class UndoSnapshot {
  private static final Duration MAX_LAG = Duration.ofSeconds(10);

  /// How many are kept of a cache, beside pinned ones.
  private static final int MOST_KEPT = 5;

  private UndoSnapshot() {}

  /// Name of the lineage that keeps what restores of `cache` found.
  public static String cache(String cache) {
    return "undo-" + cache;
  }

  /// Backs the plan's target up; by scan if it refuses `PSYNC`.
  ///
  /// @return id of the snapshot
  /// @throws InvalidRequest if a ring's servers hold keys that it would not have: no way back
  /// @throws BackupException if the target can't be read: it was not changed then
  static String take(RestorePlan plan, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("ringkeep-undo");
    try {
      String id = take(plan.request(), folder, repository, clock, progress);
      forgetOld(cache(plan.request().cache()), repository, clock);
      return id;
    } finally {
      delete(folder);
    }
  }

  /// Nobody would ever forget them by hand; `prune` frees what they had.
  private static void forgetOld(String undo, Repository repository, Clock clock)
      throws IOException {
    RetentionPolicy newest =
        new RetentionPolicy(
            MOST_KEPT, 0, 0, 0, 0, 0, Optional.empty(), Optional.empty(), ZoneOffset.UTC);
    ForgetRequest old =
        new ForgetRequest(undo, Optional.of(newest), List.of(), /* allowNone= */ false);
    Forget.run(Forget.plan(old, repository, clock), repository, clock);
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
    Manifest taken =
        Backup.run(Backup.plan(backup, repository), repository, clock, progress).manifest();
    List<String> leftOut = Backup.leftOut(taken);
    if (!leftOut.isEmpty()) {
      // Nothing is to be put back from it.
      ForgetRequest useless =
          new ForgetRequest(
              taken.cache(), Optional.empty(), List.of(taken.id()), /* allowNone= */ true);
      Forget.run(Forget.plan(useless, repository, clock), repository, clock);
      throw new InvalidRequest(
          "the target can't be backed up whole first: " + String.join("; ", leftOut),
          "nothing was changed; check the ring's address, or restore with --no-undo, which keeps"
              + " no way back");
    }
    return taken.id();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
