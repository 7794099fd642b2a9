package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.Position;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.repository.manifest.Ledger;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.MergedRuns;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.RunReaders;
import io.ringkeep.repository.run.RunVerifier.Fingerprints;
import io.ringkeep.repository.run.SlotSums;
import io.ringkeep.repository.run.StoredRun;
import io.ringkeep.repository.run.WriteOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Gives a snapshot fewer runs, with the same records in them, under its cache's exclusive lease.
public final class Compaction {
  /*
   * Order: new runs, a manifest that names them, proof that it gives the snapshot's own digests, ledger record. Until
   * the record is there the snapshot is what it was, and what was written is an orphan of the next backup or prune.
   * The runs it had stay, for snapshots that share them and for whoever reads them; `prune` deletes them one day.
   *
   * Later snapshots that stand on the same runs get the new ones in their place, each by a record of its own: what
   * was merged is then stored once, not once for each of them.
   */
  private static final int ID_BYTES = 6;

  /// What a compaction did.
  ///
  /// @param before the manifest that the snapshot had
  /// @param after the one it has now
  /// @param shared ids of later snapshots that now stand on the new runs, too
  public record Result(Manifest before, Manifest after, List<String> shared) {
    public Result {
      shared = List.copyOf(shared);
    }
  }

  /// Is told how far a compaction is.
  public interface Listener {
    /// So much more was merged.
    void merged(long bytes, long records);

    /// All was merged; now it is read back.
    void proving();
  }

  private final Repository repository;
  private final String cache;
  private final Lease lease;
  private final SnapshotCatalog catalog;
  private final Fingerprints fingerprints;
  private final WriteOptions options;
  private final Listener listener;
  private final String id;
  private final WrittenObjects written;

  private Compaction(
      Repository repository,
      String cache,
      Lease lease,
      Fingerprints fingerprints,
      WriteOptions options,
      Listener listener) {
    this.repository = repository;
    this.cache = cache;
    this.lease = lease;
    this.fingerprints = fingerprints;
    this.options = options;
    this.listener = listener;
    catalog = repository.snapshots(cache);
    byte[] random = new byte[ID_BYTES];
    new SecureRandom().nextBytes(random);
    id = HexFormat.of().formatHex(random);
    Ledger ledger = new Ledger(repository.store(), repository.objects(), cache);
    written = new WrittenObjects(repository, cache, lease, ledger);
  }

  /// Merges runs of a snapshot. It has its new manifest when this returns; after any failure it has
  /// its old one or its new one, and is whole.
  ///
  /// @param lease of the cache, which stays the caller's to close
  /// @param snapshot as it is now
  /// @param fingerprints gives records their fingerprints, to prove what was written
  /// @param listener is told what was merged
  /// @return empty if the plan would change nothing
  /// @throws io.ringkeep.model.BackupException.NotFound if the snapshot has another manifest by
  ///   now, or was forgotten
  /// @throws Locked if someone took over
  /// @throws CorruptData if a run is damaged, or what was written is not what the snapshot holds;
  ///   the snapshot stays as it was
  public static Optional<Result> run(
      Repository repository,
      Lease lease,
      Manifest snapshot,
      CompactionPlan plan,
      Fingerprints fingerprints,
      WriteOptions options,
      Listener listener)
      throws IOException {
    if (plan.mergesNothing(snapshot)) {
      return Optional.empty();
    }
    Compaction compaction =
        new Compaction(repository, snapshot.cache(), lease, fingerprints, options, listener);
    try {
      return Optional.of(compaction.compact(snapshot, plan.first()));
    } finally {
      compaction.written.close();
    }
  }

  private Result compact(Manifest before, int first) throws IOException {
    lease.confirm();
    catalog.requireUnchanged(before);
    List<SnapshotReference> references = catalog.references();
    MergedRuns.Written merged = merge(before, first);
    if (first == 0 && !merged.records().toString().equals(before.digest())) {
      throw differs(before, merged.slots());
    }
    List<RunDescriptor> runs = new ArrayList<>(before.runs().subList(0, first));
    runs.addAll(merged.runs());
    Manifest after = before.withRuns(runs);
    prove(after, merged.slots());
    commit(after);
    List<String> shared = new ArrayList<>();
    for (SnapshotReference later : references) {
      if (!later.id().equals(before.id()) && share(later, before.runs(), runs)) {
        shared.add(later.id());
      }
    }
    return new Result(before, after, shared);
  }

  private MergedRuns.Written merge(Manifest before, int first) throws IOException {
    SlotSums belowSums = new SlotSums();
    SlotSums sums = new SlotSums();
    List<StoredRun> below = new ArrayList<>();
    List<StoredRun> merged = new ArrayList<>();
    for (RunDescriptor run : before.runs()) {
      boolean stays = below.size() < first;
      (stays ? below : merged)
          .add(StoredRun.open(repository.objects(), run, stays ? belowSums : sums));
    }
    try (RunReaders readers =
            new RunReaders(
                repository.objects(),
                () -> new RecordHasher(repository.hashKey()),
                ReadOptions.standard());
        MergedRuns writer =
            new MergedRuns(
                repository.objects(),
                readers,
                SnapshotObjects.runDirectory(cache),
                id,
                options,
                MergedRuns.MOST_RUN_BYTES,
                fingerprints,
                written::announce,
                listener::merged)) {
      return writer.write(merged, below, sums);
    }
  }

  /// Reads the snapshot as its new manifest has it, in all slots that were merged, and compares
  /// every digest.
  private void prove(Manifest after, List<SlotRange> slots) throws IOException {
    listener.proving();
    SlotDigests actual = new SlotDigests();
    SlotDigests expected = new SlotDigests();
    try (SnapshotReader reader = SnapshotReader.open(repository, after, ReadOptions.standard());
        RecordCursor cursor = reader.records(slots)) {
      while (cursor.next()) {
        actual.add(Position.slot(cursor.position()), fingerprints.of(cursor.record()));
      }
      for (SlotRange range : slots) {
        for (int slot = range.first(); slot <= range.last(); slot++) {
          expected.add(slot, reader.storedDigests().get(slot));
        }
      }
    }
    List<SlotRange> differing = actual.differing(expected);
    if (!differing.isEmpty()) {
      throw differs(after, differing);
    }
  }

  private static CorruptData differs(Manifest manifest, List<SlotRange> slots) {
    return new CorruptData(
        "what was merged is not what the snapshot holds: snapshot=%s slots=%s"
            .formatted(manifest.id(), slots),
        "the snapshot stays as it is; run 'verify --snapshot %s'".formatted(manifest.id()),
        null);
  }

  private SnapshotReference commit(Manifest after) throws IOException {
    return written.commit(
        after, SnapshotCatalog.name(cache, after.time(), after.id(), id), Decision.Compact::new);
  }

  /// Puts the new runs in the place of the old ones in another snapshot, if it begins with these.
  private boolean share(SnapshotReference later, List<RunDescriptor> old, List<RunDescriptor> runs)
      throws IOException {
    Manifest before = catalog.read(later);
    if (before.runs().size() < old.size() || !before.runs().subList(0, old.size()).equals(old)) {
      return false;
    }
    List<RunDescriptor> replaced = new ArrayList<>(runs);
    replaced.addAll(before.runs().subList(old.size(), before.runs().size()));
    Manifest after = before.withRuns(replaced);
    // Its indexes must still sum up to its digest; which records they are of was proven just now.
    SnapshotReader.open(repository, after, ReadOptions.standard()).close();
    commit(after);
    return true;
  }
}
