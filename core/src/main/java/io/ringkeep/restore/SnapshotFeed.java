package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigest;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.SlotSums;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Feeds a snapshot's records to whoever loads them, and finds out whether all of them came before
/// the loader is told that all is there.
final class SnapshotFeed {

  /// What is compared with the stored slot digests as records pass. That every block is as it was
  /// written is proven by its checksum and its seal in any case.
  enum Check {
    /// The sums of all fingerprints, made anew: a lost block, a wrong merge and a changed value
    /// show.
    FINGERPRINTS,
    /// The number of records of each slot: a lost block and most wrong merges show. Enough for
    /// whoever reads the target back, for that is compared with the stored fingerprints.
    COUNTS
  }

  /// Takes records in ring order; a record's buffers hold until this returns.
  interface Sink {
    void accept(Record record) throws IOException;
  }

  /// What was fed.
  ///
  /// @param digests of the records: those that were stored, and found right by the check
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

  /// Stands for a fingerprint where records are counted only.
  private static final Fingerprint NOT_MADE = new Fingerprint(0, 0);

  private SnapshotFeed() {}

  /// Feeds the records of some slots to `sink`.
  ///
  /// @throws BackupException.CorruptData if they are not the ones that were backed up; `sink` then
  ///   has some of them, and must not take them for all
  static Fed feed(
      Repository repository,
      Manifest manifest,
      List<SlotRange> slots,
      Clock clock,
      Check check,
      Sink sink)
      throws IOException {
    long now = clock.millis();
    long inAnHour = now + Duration.ofHours(1).toMillis();
    RecordFingerprinter fingerprinter = new RecordFingerprinter(repository.hashKey());
    SlotSums sums = new SlotSums();
    long records = 0;
    long bytes = 0;
    long expired = 0;
    long expiringWithinHour = 0;
    SlotDigests stored;
    try (SnapshotReader reader =
        SnapshotReader.open(repository, manifest, ReadOptions.standard())) {
      try (RecordCursor cursor = reader.records(slots)) {
        while (cursor.next()) {
          Record record = cursor.record();
          sums.add(
              Position.slot(cursor.position()),
              switch (check) {
                case FINGERPRINTS -> fingerprinter.fingerprint(record);
                case COUNTS -> NOT_MADE;
              });
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
      stored = within(slots, reader.storedDigests());
    }
    requireStored(manifest, check, sums, stored);
    return new Fed(stored, records, bytes, expired, expiringWithinHour);
  }

  /// Reads some slots of a snapshot and compares all fingerprints.
  ///
  /// @throws BackupException.CorruptData if it is not what was backed up
  static void check(
      Repository repository,
      Manifest manifest,
      List<SlotRange> slots,
      Clock clock,
      Progress.Task task)
      throws IOException {
    feed(
        repository,
        manifest,
        slots,
        clock,
        Check.FINGERPRINTS,
        record -> task.advance(record.key().remaining() + record.value().remaining(), 1));
  }

  private static SlotDigests within(List<SlotRange> slots, SlotDigests all) {
    SlotDigests some = new SlotDigests();
    for (SlotRange range : slots) {
      for (int slot = range.first(); slot <= range.last(); slot++) {
        some.add(slot, all.get(slot));
      }
    }
    return some;
  }

  private static void requireStored(
      Manifest manifest, Check check, SlotSums fed, SlotDigests stored) {
    List<Integer> differing = new ArrayList<>();
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      SlotDigest actual = fed.get(slot);
      SlotDigest expected = stored.get(slot);
      boolean equal =
          switch (check) {
            case FINGERPRINTS -> actual.equals(expected);
            case COUNTS -> actual.records() == expected.records();
          };
      if (!equal) {
        differing.add(slot);
      }
    }
    if (!differing.isEmpty()) {
      throw new BackupException.CorruptData(
          "slot digest mismatch: snapshot=%s slots=%s"
              .formatted(manifest.id(), SlotRange.covering(differing)),
          "run 'verify --snapshot %s' to see which objects are damaged, and restore another snapshot"
              .formatted(manifest.id()),
          null);
    }
  }
}
