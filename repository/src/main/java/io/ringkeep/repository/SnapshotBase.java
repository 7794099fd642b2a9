package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.known.KnownFile;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.known.KnownLog;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.RunVerifier.Fingerprints;
import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The snapshot that a backup compares with: its runs, and what its records are known by.
public final class SnapshotBase implements AutoCloseable {
  private final SnapshotReader reader;
  private final KnownFile known;
  private final boolean rebuilt;

  private SnapshotBase(SnapshotReader reader, KnownFile known, boolean rebuilt) {
    this.reader = reader;
    this.known = known;
    this.rebuilt = rebuilt;
  }

  /// Opens a snapshot to compare with. Reads all of it only if this machine does not know its
  /// records, or knows them wrongly.
  ///
  /// @param folder where the machine keeps what it knows
  /// @throws CorruptData if an object that the snapshot needs is missing, has another size, or is
  ///   damaged as far as it was read
  /// @throws KnownFolder.Unusable if the folder cannot be used
  public static SnapshotBase open(
      Repository repository, Manifest manifest, KnownFolder folder, Fingerprints fingerprints)
      throws IOException {
    requireObjects(repository, manifest);
    SnapshotReader reader = SnapshotReader.open(repository, manifest, ReadOptions.standard());
    try {
      Optional<KnownFile> there = folder.open(manifest.id(), reader.storedDigests());
      return new SnapshotBase(
          reader,
          there.isPresent() ? there.get() : read(repository, reader, folder, fingerprints),
          there.isEmpty());
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  /// A snapshot that lacks an object must not become the ground of another one.
  private static void requireObjects(Repository repository, Manifest manifest) throws IOException {
    Map<String, Long> sizes = new HashMap<>();
    String directory = SnapshotObjects.runDirectory(manifest.cache());
    for (ObjectInfo object : repository.store().list(directory)) {
      sizes.put(object.key(), object.sizeBytes());
    }
    for (RunDescriptor run : manifest.runs()) {
      for (StoredObject object : SnapshotObjects.of(run).toList()) {
        Long size = sizes.get(object.name());
        if (size == null || size != object.storedBytes()) {
          throw new CorruptData(
              "%s: object=%s expected=%d actual=%s"
                  .formatted(
                      size == null ? "object is missing" : "object has another size",
                      object.name(),
                      object.storedBytes(),
                      size == null ? "none" : size.toString()),
              "run 'verify' to learn what is affected",
              null);
        }
      }
    }
  }

  private static KnownFile read(
      Repository repository, SnapshotReader reader, KnownFolder folder, Fingerprints fingerprints)
      throws IOException {
    String id = reader.manifest().id();
    RecordHasher hasher = new RecordHasher(repository.hashKey());
    try (KnownLog log = folder.begin(id, List.of())) {
      KnownLog.Part part = log.part();
      try (RecordCursor cursor = reader.records(List.of(SlotRange.ALL))) {
        while (cursor.next()) {
          Record record = cursor.record();
          long position = hasher.position(record.database(), record.key());
          part.add(
              position,
              hasher.keyCheck(),
              fingerprints.of(record),
              part.kind(record.version(), record.type(), record.database()));
        }
      }
      part.finish();
      folder.finish(log, id);
    }
    return folder
        .open(id, reader.storedDigests())
        .orElseThrow(() ->
            new CorruptData(
                "records add up to other digests than were captured: snapshot=" + id,
                "run 'verify' to learn what is affected",
                null));
  }

  /// What is compared with.
  public Manifest manifest() {
    return reader.manifest();
  }

  /// True if the machine did not know the snapshot's records, so that all of it was read.
  public boolean rebuilt() {
    return rebuilt;
  }

  SnapshotReader reader() {
    return reader;
  }

  KnownFile known() {
    return known;
  }

  @Override
  public void close() {
    known.close();
    reader.close();
  }
}
