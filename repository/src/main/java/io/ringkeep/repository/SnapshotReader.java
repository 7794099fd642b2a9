package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.RunMerge;
import io.ringkeep.repository.run.RunReaders;
import io.ringkeep.repository.run.SlotSums;
import io.ringkeep.repository.run.StoredRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// The records of one snapshot. Safe for any number of threads; each has its own cursors.
///
/// Whoever reads holds a read lease, so that nothing is deleted meanwhile.
public final class SnapshotReader implements AutoCloseable {
  private final Repository repository;
  private final Manifest manifest;
  private final RunReaders readers;
  private final List<StoredRun> runs;
  private final SlotDigests digests;

  private SnapshotReader(
      Repository repository,
      Manifest manifest,
      RunReaders readers,
      List<StoredRun> runs,
      SlotDigests digests) {
    this.repository = repository;
    this.manifest = manifest;
    this.readers = readers;
    this.runs = runs;
    this.digests = digests;
  }

  /// Reads the indexes of all runs that the snapshot needs.
  ///
  /// @throws CorruptData naming the index that is missing or damaged, or if all of them together do
  ///   not give the manifest's digest
  public static SnapshotReader open(Repository repository, Manifest manifest, ReadOptions options)
      throws IOException {
    SlotSums sums = new SlotSums();
    List<StoredRun> runs = new ArrayList<>();
    for (RunDescriptor run : manifest.runs()) {
      runs.add(StoredRun.open(repository.objects(), run, sums));
    }
    SlotDigests digests = new SlotDigests();
    sums.addTo(digests);
    String actual = digests.total().toString();
    if (!actual.equals(manifest.digest())) {
      throw new CorruptData(
          "snapshot's runs do not give its digest: snapshot=%s expected=%s actual=%s"
              .formatted(manifest.id(), manifest.digest(), actual),
          "restore another snapshot, and report this: it is no damage to a file",
          null);
    }
    RunReaders readers =
        new RunReaders(repository.objects(), () -> new RecordHasher(repository.hashKey()), options);
    return new SnapshotReader(repository, manifest, readers, runs, digests);
  }

  /// What is read.
  public Manifest manifest() {
    return manifest;
  }

  List<StoredRun> runs() {
    return runs;
  }

  RunReaders readers() {
    return readers;
  }

  /// Digests of all slots, as they were captured.
  public SlotDigests storedDigests() {
    return digests;
  }

  /// What of it can't be had, because data objects are gone. Asks for each of them, so it is for
  /// when something is known to be amiss.
  public SnapshotLosses losses() throws IOException {
    return SnapshotLosses.of(repository, manifest, digests);
  }

  /// All records of some slots, in [io.ringkeep.model.RecordOrder]. To be closed before this is.
  public RecordCursor records(Collection<SlotRange> slots) {
    return RunMerge.ofSlots(runs, slots, readers);
  }

  /// Frees memory and threads.
  @Override
  public void close() {
    readers.close();
  }
}
