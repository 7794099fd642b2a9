package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// Feeds a snapshot's records to whoever loads them, and proves with the slot digests that all of
/// them came.
///
/// The digests are summed anew from the records as they are read, so a lost block, a wrong merge or
/// a changed value shows before the loader is told that all is there.
final class SnapshotFeed {

  /// Takes records in ring order; a record's buffers hold until this returns.
  interface Sink {
    void accept(Record record) throws IOException;
  }

  /// What was fed.
  ///
  /// @param digests of the records
  /// @param records number of records
  /// @param bytes of their keys and values
  /// @param expired of the records, how many had expired when the feed began
  /// @param expiringWithinHour of the records, how many more would within the hour
  record Fed(SlotDigests digests, long records, long bytes, long expired, long expiringWithinHour) {
    /// Both together.
    Fed plus(Fed other) {
      SlotDigests sum = new SlotDigests();
      sum.add(digests);
      sum.add(other.digests);
      return new Fed(
          sum,
          records + other.records,
          bytes + other.bytes,
          expired + other.expired,
          expiringWithinHour + other.expiringWithinHour);
    }
  }

  private SnapshotFeed() {}

  /// Feeds the records of some slots to `sink`.
  ///
  /// @throws BackupException.CorruptData if they are not the ones that were backed up; `sink` then
  ///   has some of them, and must not take them for all
  static Fed feed(
      Repository repository, Manifest manifest, List<SlotRange> slots, Clock clock, Sink sink)
      throws IOException {
    long now = clock.millis();
    long inAnHour = now + Duration.ofHours(1).toMillis();
    RecordFingerprinter fingerprinter = new RecordFingerprinter(repository.hashKey());
    SlotDigests digests = new SlotDigests();
    long records = 0;
    long bytes = 0;
    long expired = 0;
    long expiringWithinHour = 0;
    try (SnapshotReader reader =
        SnapshotReader.open(repository, manifest, ReadOptions.standard())) {
      try (RecordCursor cursor = reader.records(slots)) {
        while (cursor.next()) {
          Record record = cursor.record();
          Fingerprint fingerprint = fingerprinter.fingerprint(record);
          digests.add(Position.slot(cursor.position()), fingerprint);
          records++;
          bytes += record.key().remaining() + record.value().remaining();
          if (record.expiredAt(now)) {
            expired++;
          } else if (record.expiredAt(inAnHour)) {
            expiringWithinHour++;
          }
          sink.accept(record);
        }
      }
      requireStored(manifest, slots, digests, reader.storedDigests());
    }
    return new Fed(digests, records, bytes, expired, expiringWithinHour);
  }

  private static void requireStored(
      Manifest manifest, List<SlotRange> slots, SlotDigests fed, SlotDigests stored) {
    SlotDigests expected = new SlotDigests();
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      int number = slot;
      if (slots.stream().anyMatch(range -> range.contains(number))) {
        expected.add(slot, stored.get(slot));
      }
    }
    List<SlotRange> differing = fed.differing(expected);
    if (!differing.isEmpty()) {
      throw new BackupException.CorruptData(
          "slot digest mismatch: snapshot=%s slots=%s".formatted(manifest.id(), differing),
          "run 'verify --snapshot %s' to see which objects are damaged, and restore another snapshot"
              .formatted(manifest.id()),
          null);
    }
  }
}
