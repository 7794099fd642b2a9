package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.repository.manifest.Ledger;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.RunWriters;
import io.ringkeep.repository.run.ShardContents;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A snapshot in the making, under a cache's exclusive lease.
///
/// Shards write their runs, in any number of threads; [#commit] makes the snapshot. What is closed
/// without it leaves nothing behind, or only what the next backup deletes.
public final class SnapshotWriter implements AutoCloseable {
  /*
   * Order of writes: fence, run objects, manifest, ledger record. The fence comes before anything is deleted: a
   * predecessor that was not dead but asleep cannot commit any more, so what it has written is nobody's. The ledger
   * record alone makes the snapshot; killed before it, everything is an orphan of the next begin().
   */
  private static final int ID_BYTES = 6;

  private final String cache;
  private final Cleanup cleanup;
  private final String id;
  private final Instant time;
  private final RunWriters writers;
  private final WrittenObjects written;
  private boolean closed;

  private SnapshotWriter(
      Repository repository,
      String cache,
      Lease lease,
      Ledger ledger,
      Cleanup cleanup,
      WriteOptions options) {
    this.cache = cache;
    this.cleanup = cleanup;
    written = new WrittenObjects(repository, cache, lease, ledger);
    byte[] random = new byte[ID_BYTES];
    new SecureRandom().nextBytes(random);
    id = HexFormat.of().formatHex(random);
    time = repository.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    writers =
        new RunWriters(
            repository.objects(),
            SnapshotObjects.runDirectory(cache),
            id,
            time,
            options,
            written::announce);
  }

  /// Begins a snapshot: keeps earlier holders of the lease from committing, and deletes what those
  /// that died have left.
  ///
  /// @param lease of the cache, which stays the caller's to close, after this
  /// @throws Locked if someone took over
  /// @throws CorruptData if the ledger is damaged
  public static SnapshotWriter begin(
      Repository repository, String cache, Lease lease, WriteOptions options) throws IOException {
    lease.confirm();
    Ledger ledger = new Ledger(repository.store(), repository.objects(), cache);
    ledger.append(lease.epoch(), repository.clock().instant(), new Decision.Fence());
    Cleanup cleanup = cleanUp(repository, cache, lease);
    return new SnapshotWriter(repository, cache, lease, ledger, cleanup, options);
  }

  private static Cleanup cleanUp(Repository repository, String cache, Lease lease)
      throws IOException {
    List<ObjectInfo> orphans;
    try {
      orphans = SnapshotObjects.orphans(repository, cache);
    } catch (CorruptData | UnsupportedFormat e) {
      return new Cleanup(0, 0, Optional.of(String.valueOf(e.getMessage())));
    }
    long bytes = 0;
    for (ObjectInfo orphan : orphans) {
      lease.check();
      repository.store().delete(orphan.key());
      bytes += orphan.sizeBytes();
    }
    return new Cleanup(orphans.size(), bytes, Optional.empty());
  }

  /// What predecessors had left.
  public Cleanup cleanup() {
    return cleanup;
  }

  /// Id of the snapshot to be.
  public String id() {
    return id;
  }

  /// When this was begun.
  public Instant time() {
    return time;
  }

  /// Begins a shard. Several may be written at once, each by its own thread.
  public ShardWriter shard() {
    return writers.shard();
  }

  /// What all finished shards have left: what the manifest's runs, contents and digest are made of.
  public ShardContents contents() {
    return writers.finished();
  }

  /// Gives up what all finished shards have left, so that they can be captured again. Its objects
  /// are deleted by [#commit] or [#close].
  public void startOver() {
    writers.startOver();
  }

  /// Makes the snapshot. It exists when this returns, and not before.
  ///
  /// @param manifest with the runs of [#contents]
  /// @throws Locked if someone took over; nothing was committed
  /// @throws IOException if the store failed; nothing was committed, unless the store cannot even
  ///   tell
  public SnapshotReference commit(Manifest manifest) throws IOException {
    if (closed || !written.unwanted()) {
      throw new IllegalStateException("the snapshot was committed or given up: id=" + id);
    }
    if (!manifest.id().equals(id) || !manifest.cache().equals(cache)) {
      throw new IllegalArgumentException(
          "the manifest is another snapshot's: id=%s manifest=%s".formatted(id, manifest.id()));
    }
    String name = SnapshotCatalog.name(cache, manifest.time(), id);
    SnapshotReference reference = written.commit(manifest, name, Decision.Backup::new);
    Set<String> needed = SnapshotObjects.of(manifest).collect(Collectors.toSet());
    needed.add(name);
    // What shards have left that were given up and captured again.
    written.deleteAllBut(needed);
    return reference;
  }

  /// Frees memory and threads; without a commit before, deletes what was written as far as the
  /// store allows. All shards must be closed.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    writers.close();
    written.close();
  }
}
