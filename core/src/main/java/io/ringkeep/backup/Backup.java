package io.ringkeep.backup;

import io.ringkeep.capture.FullRead;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.repository.Cleanup;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotWriter;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

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
      List<CapturedShard> shards = captureAll(plan, repository, writer, deadline, clock, progress);
      List<String> warnings = new ArrayList<>(plan.warnings());
      warnings.addAll(shrunk(repository, request.cache(), writer.contents().contents().records()));
      Manifest manifest =
          Manifests.of(
              writer,
              request.cache(),
              clock.instant(),
              Consistency.crashCut(skewMillis(shards)),
              plan.topology().kind().name().toLowerCase(Locale.ROOT),
              "psync",
              shards.stream().map(CapturedShard::manifest).toList(),
              shards.stream().map(shard -> shard.sidecar(repository.encrypted())).toList(),
              warnings);
      writer.commit(manifest);
      return new BackupResult(
          manifest, Duration.between(started, clock.instant()), List.copyOf(warnings));
    }
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

  private static long skewMillis(List<CapturedShard> shards) {
    LongSummaryStatistics moments =
        shards.stream()
            .mapToLong(shard -> shard.dataset().forked().toEpochMilli())
            .summaryStatistics();
    return moments.getMax() - moments.getMin();
  }

  private static List<CapturedShard> captureAll(
      BackupPlan plan,
      Repository repository,
      SnapshotWriter writer,
      Deadline deadline,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    RateLimit limit = RateLimit.of(plan.request().limitBytesPerSecond());
    Map<String, Semaphore> forks = new HashMap<>();
    List<Callable<CapturedShard>> captures = new ArrayList<>();
    for (ShardCapture capture : plan.captures()) {
      Semaphore fork =
          forks.computeIfAbsent(
              capture.server().endpoint().host(),
              host -> new Semaphore(plan.request().forksPerHost(), /* fair= */ true));
      captures.add(() -> {
        fork.acquire();
        try {
          return capture(
              capture, plan.request(), repository, writer, limit, deadline, clock, progress);
        } finally {
          fork.release();
        }
      });
    }
    return Parallel.run("capture", captures, deadline);
  }

  private static CapturedShard capture(
      ShardCapture capture,
      BackupRequest request,
      Repository repository,
      SnapshotWriter writer,
      RateLimit limit,
      Deadline deadline,
      Clock clock,
      Progress progress)
      throws IOException {
    Endpoint endpoint = capture.server().endpoint();
    ServerSettings settings = ServerSettings.read(endpoint, request.connection());
    try (Progress.Task task =
            progress.begin(
                "shard %s from %s".formatted(capture.shard().id(), endpoint),
                settings.datasetBytes());
        ShardWriter shard = writer.shard()) {
      FullRead.Dataset dataset =
          FullRead.run(
              endpoint,
              request.connection(),
              repository.hashKey(),
              limit,
              deadline,
              clock,
              task,
              shard::accept);
      task.phase("writing");
      return new CapturedShard(capture, dataset, settings, shard.finish());
    }
  }
}
