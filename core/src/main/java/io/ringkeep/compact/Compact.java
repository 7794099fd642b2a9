package io.ringkeep.compact;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Compaction;
import io.ringkeep.repository.CompactionPlan;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Merges the runs of snapshots.
public final class Compact {
  /// More layers than this are worth a merge: each costs a restore a cursor and a lookup a block.
  public static final int MOST_LAYERS = 8;

  private Compact() {}

  /// Merges as little as pays if a snapshot that was just committed stands on too many layers.
  ///
  /// @param lease of the snapshot's cache, which stays the caller's to close
  /// @return empty if it does not
  /// @throws BackupException if someone took over, or a run is damaged; the snapshot stays as it
  ///   was
  public static Optional<CompactResult> afterCommit(
      Repository repository, Lease lease, Manifest snapshot, Progress progress) throws IOException {
    return run(
        repository, lease, snapshot, CompactionPlan.leaving(MOST_LAYERS, snapshot), progress);
  }

  /// Merges all runs of one snapshot.
  ///
  /// @param snapshot `latest`, an id, or the beginning of one
  /// @return empty if there is nothing to merge
  /// @throws BackupException.NotFound if there is no such snapshot
  /// @throws BackupException.Locked if someone else works on the cache
  public static Optional<CompactResult> one(
      Repository repository, String cache, String snapshot, Progress progress) throws IOException {
    try (Lease lease = repository.leases().acquire("cache-" + cache, "compact")) {
      Manifest manifest = repository.snapshots(cache).resolve(snapshot);
      return run(repository, lease, manifest, CompactionPlan.WHOLE, progress);
    }
  }

  /// Merges, in all snapshots of a cache that stand on too many layers, as little as pays; oldest
  /// first, so that later ones share what was merged for earlier ones.
  public static List<CompactResult> all(Repository repository, String cache, Progress progress)
      throws IOException {
    List<CompactResult> results = new ArrayList<>();
    try (Lease lease = repository.leases().acquire("cache-" + cache, "compact")) {
      SnapshotCatalog catalog = repository.snapshots(cache);
      for (SnapshotReference reference : catalog.references()) {
        Manifest manifest = catalog.resolve(reference.id());
        afterCommit(repository, lease, manifest, progress).ifPresent(results::add);
      }
    }
    return results;
  }

  private static Optional<CompactResult> run(
      Repository repository, Lease lease, Manifest snapshot, CompactionPlan plan, Progress progress)
      throws IOException {
    long startNanos = System.nanoTime();
    if (plan.mergesNothing(snapshot)) {
      return Optional.empty();
    }
    try (Progress.Task task =
        progress.begin("snapshot " + snapshot.id(), OptionalLong.of(plan.bytes(snapshot)))) {
      task.phase("merging runs");
      Optional<Compaction.Result> result =
          Compaction.run(
              repository,
              lease,
              snapshot,
              plan,
              new RecordFingerprinter(repository.hashKey())::fingerprint,
              WriteOptions.standard(),
              told(task));
      return result.map(done ->
          new CompactResult(
              done.before(),
              done.after(),
              done.shared(),
              Duration.ofNanos(System.nanoTime() - startNanos)));
    }
  }

  private static Compaction.Listener told(Progress.Task task) {
    return new Compaction.Listener() {
      @Override
      public void merged(long bytes, long records) {
        task.advance(bytes, records);
      }

      @Override
      public void proving() {
        task.phase("reading back what was merged");
      }
    };
  }
}
