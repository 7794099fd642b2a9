package io.ringkeep.retention;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Garbage;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.lock.LeaseHolder;
import io.ringkeep.repository.log.ForgottenLog;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// Deletes what no snapshot of a cache needs, and what was forgotten of its log.
public final class Prune {
  /*
   * Order: the lease, a fence, the search; what nobody can read; then, if nobody reads, manifests, and at last what only
   * these named, and the forgotten part of the log. Readers take their lease first and look into the ledger then. So a reader that is not seen here looks
   * after the records that retired what is deleted, and finds none of it. Killed anywhere, what is left is found again
   * by the next prune; objects whose manifest is gone also by the next backup.
   */

  /// An hour: long enough to answer a question before a restore, and to notice a mistake at once.
  public static final Duration GRACE = Duration.ofHours(1);

  private static final Duration PATIENCE_STEP = Duration.ofSeconds(1);

  /// What to do.
  ///
  /// @param grace how long a snapshot must have been forgotten; zero for at once
  /// @param patience how long to wait for readers
  /// @param objectsPerSecond how many objects to delete in a second, if that is limited
  /// @param dryRun whether to look only
  public record Request(
      Duration grace, Duration patience, OptionalLong objectsPerSecond, boolean dryRun) {}

  /// What was done.
  ///
  /// @param cache name of the lineage
  /// @param garbage that was found
  /// @param logs what had been forgotten of the log of each shard
  /// @param objects how many were deleted; of a dry run, how many would be
  /// @param bytes that this frees
  /// @param heldObjects how many stay because someone reads
  /// @param heldBytes what these take
  /// @param readers who that is
  public record Result(
      String cache,
      Garbage garbage,
      List<ForgottenLog> logs,
      long objects,
      long bytes,
      long heldObjects,
      long heldBytes,
      List<LeaseHolder> readers) {
    public Result {
      logs = List.copyOf(logs);
      readers = List.copyOf(readers);
    }
  }

  private final Repository repository;
  private final Request request;
  private final Progress.Task task;
  private long objects;
  private long bytes;
  private long nextNanos = System.nanoTime();

  private Prune(Repository repository, Request request, Progress.Task task) {
    this.repository = repository;
    this.request = request;
    this.task = task;
  }

  /// Frees what can be freed now.
  ///
  /// @throws BackupException.Locked if someone else works on the cache
  /// @throws BackupException.CorruptData if the ledger or a manifest is damaged; nothing was
  ///   deleted
  public static Result run(
      Repository repository, String cache, Request request, Clock clock, Progress progress)
      throws IOException {
    try (Progress.Task task = progress.begin("cache " + cache, OptionalLong.empty())) {
      return new Prune(repository, request, task).run(cache, clock);
    }
  }

  private Result run(String cache, Clock clock) throws IOException {
    if (!request.dryRun() && !request.patience().isZero()) {
      task.phase("waiting for readers");
      awaitNobodyReads();
    }
    try (Lease lease = repository.leases().acquire("cache-" + cache, "prune")) {
      if (!request.dryRun()) {
        lease.confirm();
        repository.ledger(cache).append(lease.epoch(), clock.instant(), new Decision.Fence());
      }
      task.phase("looking for what nobody needs");
      Garbage garbage = Garbage.find(repository, cache, clock.instant(), request.grace());
      List<ForgottenLog> logs = new ArrayList<>();
      for (String shard : ShardLog.shards(repository.store(), cache)) {
        logs.add(repository.log(cache, shard).forgotten(clock.instant(), request.grace()));
      }
      List<ObjectInfo> log = logs.stream().flatMap(one -> one.due().stream()).toList();
      task.phase("deleting");
      delete(garbage.abandoned(), lease);
      List<LeaseHolder> readers = List.of();
      if (!garbage.manifests().isEmpty() || !garbage.retired().isEmpty() || !log.isEmpty()) {
        readers = request.dryRun() ? List.of() : repository.leases().readers();
      }
      long held = 0;
      long heldBytes = 0;
      if (readers.isEmpty()) {
        delete(garbage.manifests(), lease);
        delete(garbage.retired(), lease);
        delete(log, lease);
      } else {
        held = (long) garbage.manifests().size() + garbage.retired().size() + log.size();
        heldBytes =
            Garbage.bytes(garbage.manifests())
                + Garbage.bytes(garbage.retired())
                + Garbage.bytes(log);
      }
      return new Result(cache, garbage, logs, objects, bytes, held, heldBytes, readers);
    }
  }

  private void awaitNobodyReads() throws IOException {
    long end = System.nanoTime() + request.patience().toNanos();
    while (System.nanoTime() - end < 0 && !repository.leases().readers().isEmpty()) {
      sleep(PATIENCE_STEP.toNanos());
    }
  }

  private void delete(List<ObjectInfo> garbage, Lease lease) throws IOException {
    for (ObjectInfo object : garbage) {
      if (!request.dryRun()) {
        lease.check();
        keepPace();
        repository.store().delete(object.key());
        task.advance(object.sizeBytes(), 0);
      }
      objects++;
      bytes += object.sizeBytes();
    }
  }

  private void keepPace() throws IOException {
    if (request.objectsPerSecond().isPresent()) {
      sleep(nextNanos - System.nanoTime());
      nextNanos =
          Math.max(nextNanos, System.nanoTime())
              + TimeUnit.SECONDS.toNanos(1) / request.objectsPerSecond().getAsLong();
    }
  }

  private static void sleep(long nanos) throws IOException {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while deleting");
    }
  }
}
