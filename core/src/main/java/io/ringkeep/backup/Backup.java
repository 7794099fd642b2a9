package io.ringkeep.backup;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Cleanup;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotWriter;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Runs a plan: captures every shard, then commits.
public final class Backup {
  /// A snapshot with less than a tenth of the records of the one before is suspicious.
  private static final long SHRUNK_FACTOR = 10;

  private Backup() {}

  /// Discovers the source and decides what will be read.
  public static BackupPlan plan(BackupRequest request, Repository repository) throws IOException {
    return BackupPlanner.plan(request, repository);
  }

  /// Captures and commits. After any failure nothing of it is visible, and what was written is
  /// deleted, now or by the next backup.
  ///
  /// @throws BackupException if a server or the repository fails
  /// @throws IOException if a store fails in a way that has no kind of its own
  /// @throws InterruptedException if the caller is interrupted; nothing was committed then
  public static BackupResult run(
      BackupPlan plan, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    BackupRequest request = plan.request();
    Instant started = clock.instant();
    Deadline deadline = Deadline.in(request.timeout(), "backup");
    plan.warnings().forEach(progress::note);
    try (Lease lease = repository.leases().acquire("cache-" + request.cache(), "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, request.cache(), lease, WriteOptions.standard())) {
      say(writer.cleanup(), progress);
      Capture.Result captured =
          new Capture(plan, repository, writer, deadline, clock, progress).run();
      List<String> warnings = new ArrayList<>(plan.warnings());
      warnings.addAll(captured.warnings());
      warnings.addAll(shrunk(repository, request.cache(), writer.contents().contents().records()));
      Manifest manifest =
          Manifests.of(
              writer,
              request.cache(),
              clock.instant(),
              consistency(request, captured, started, clock.instant()),
              captured.topology().kind().name().toLowerCase(Locale.ROOT),
              request.via().name().toLowerCase(Locale.ROOT),
              captured.shards().stream().map(CapturedShard::manifest).toList(),
              captured.shards().stream()
                  .map(shard -> shard.sidecar(repository.encrypted()))
                  .toList(),
              warnings);
      writer.commit(manifest);
      return new BackupResult(
          manifest, Duration.between(started, clock.instant()), List.copyOf(warnings));
    }
  }

  private static Consistency consistency(
      BackupRequest request, Capture.Result captured, Instant started, Instant ended) {
    return switch (request.via()) {
      case PSYNC -> Consistency.crashCut(captured.skewMillis());
      case SCAN -> Consistency.fuzzy(Duration.between(started, ended).toMillis());
    };
  }

  private static void say(Cleanup cleanup, Progress progress) {
    if (cleanup.objects() > 0) {
      progress.note(
          "deleted what an interrupted backup had left: objects=%d bytes=%d"
              .formatted(cleanup.objects(), cleanup.bytes()));
    }
    cleanup.refusal().ifPresent(why -> progress.note("left-over objects stay: " + why));
  }

  /// A primary that restarted empty is read like any other; whoever looks at the result must see
  /// it.
  private static List<String> shrunk(Repository repository, String cache, long records)
      throws IOException {
    List<SnapshotReference> before = repository.snapshots(cache).references();
    if (before.isEmpty()) {
      return List.of();
    }
    long recordsBefore = repository.snapshots(cache).read(before.getLast()).records();
    return records * SHRUNK_FACTOR < recordsBefore
        ? List.of(
            "far fewer records than in the snapshot before: records=%d before=%d (%s)"
                .formatted(records, recordsBefore, before.getLast().id()))
        : List.of();
  }
}
