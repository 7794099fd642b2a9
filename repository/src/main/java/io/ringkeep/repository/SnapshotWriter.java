package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.known.Comparison;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.known.KnownLog;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Added;
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
  private Optional<SnapshotBase> base = Optional.empty();
  private Optional<KnownLog> known = Optional.empty();
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
            () -> new RecordHasher(repository.hashKey()),
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

  /// Stores only what differs from another snapshot of this cache. To be called before any shard is
  /// begun; [#complete] must follow when all have ended.
  ///
  /// @param snapshot stays the caller's to close, after this
  public void compareWith(SnapshotBase snapshot) {
    base = Optional.of(snapshot);
    writers.compareWith(Comparison.with(snapshot.known()));
  }

  /// Gathers what the records are known by, for [#keepKnown]. To be called before any shard is
  /// begun, behind [#compareWith].
  ///
  /// @throws KnownFolder.Unusable if the folder cannot be used; nothing is gathered then
  public void gatherKnown(KnownFolder folder) throws KnownFolder.Unusable {
    KnownLog log =
        folder.begin(id, base.map(snapshot -> snapshot.known().kinds()).orElse(List.of()));
    known = Optional.of(log);
    writers.remember(log);
  }

  /// Begins a shard. Several may be written at once, each by its own thread.
  public ShardWriter shard() {
    return writers.shard();
  }

  /// Writes the changes of all shards, if they were compared, and the keys that are gone.
  ///
  /// @return why the snapshot that was compared with is of no use: it is damaged. Then
  ///   [#startOverInFull] must follow
  /// @throws CorruptData if the same key was captured more than once
  public Optional<String> complete() throws IOException {
    if (base.isEmpty()) {
      return Optional.empty();
    }
    if (writers.hasFoundTwice()) {
      throw new CorruptData(
          "the same key came twice: cache=" + cache,
          "the source sent a damaged RDB, or slots were moved; back up again",
          null);
    }
    SnapshotReader reader = base.get().reader();
    try {
      writers.finishChanges(reader.runs(), reader.readers());
    } catch (CorruptData e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    SlotDigests expected = new SlotDigests();
    expected.add(reader.storedDigests());
    writers.changeSums().addTo(expected);
    SlotDigests captured = new SlotDigests();
    writers.finished().sums().addTo(captured);
    List<SlotRange> differing = expected.differing(captured);
    return differing.isEmpty()
        ? Optional.empty()
        : Optional.of("changes do not give what was captured: slots=" + differing);
  }

  /// What all finished shards have left: what the manifest's runs, contents and digest are made of.
  public ShardContents contents() {
    return writers.finished(base.map(snapshot -> snapshot.manifest().runs()).orElse(List.of()));
  }

  /// What is new in it, for the manifest.
  public Added added() {
    ShardContents own = writers.finished();
    long storedBytes = own.contents().storedBytes();
    return base.isEmpty()
        ? Added.full(own.contents().records(), storedBytes)
        : new Added(
            Added.Kind.INCREMENTAL,
            Optional.of(base.get().manifest().id()),
            writers.changed(),
            writers.removed(),
            storedBytes);
  }

  /// Gives up what all finished shards have left, so that they can be captured again. Its objects
  /// are deleted by [#commit] or [#close].
  public void startOver() {
    writers.startOver(base.map(snapshot -> Comparison.with(snapshot.known())));
  }

  /// The same, and stores everything from now on.
  public void startOverInFull() {
    base = Optional.empty();
    startOver();
  }

  /// Keeps what the records of the committed snapshot are known by on this machine, and nothing of
  /// older ones. Without it the next backup reads the snapshot.
  ///
  /// @throws KnownFolder.Unusable if the folder cannot be used
  public void keepKnown(KnownFolder folder) throws KnownFolder.Unusable {
    if (known.isPresent()) {
      folder.finish(known.get(), id);
      folder.keepOnly(id);
    }
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
    known.ifPresent(KnownLog::close);
    written.close();
  }
}
