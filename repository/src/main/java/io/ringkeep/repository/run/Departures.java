package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.repository.known.Comparison;
import io.ringkeep.repository.known.KnownFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Finds the keys of the snapshot before that did not come again, and notes them as gone.
///
/// What is known of a record does not include its key, so the keys are read from the blocks of the
/// snapshot: only from those that hold any of them, a batch of neighbours at a time.
final class Departures {
  private static final int BATCH = 1 << 16;

  private Departures() {}

  /// Notes all of them in `feed`.
  ///
  /// @param runs of the snapshot before, oldest first
  /// @throws CorruptData if the snapshot cannot be read, or lacks such a key
  static void note(
      Comparison comparison,
      List<StoredRun> runs,
      RunReaders readers,
      RecordHasher hasher,
      RunFeed feed)
      throws IOException {
    KnownFile before = comparison.before();
    long entry = comparison.sightings().nextMissing(0);
    long expected = comparison.sightings().missing();
    while (entry >= 0) {
      List<PositionRange> batch = new ArrayList<>();
      while (entry >= 0 && batch.size() < BATCH) {
        long position = before.position(entry);
        if (batch.isEmpty() || batch.getLast().first() != position) {
          batch.add(new PositionRange(position, position));
        }
        entry = comparison.sightings().nextMissing(entry + 1);
      }
      if (entry >= 0 && before.position(entry) == batch.getLast().first()) {
        entry = nextBehind(comparison, entry, batch.getLast().first());
      }
      try (RunMerge merge = RunMerge.ofRanges(runs, batch, readers)) {
        while (merge.next()) {
          Record record = merge.record();
          long position = hasher.position(record.database(), record.key());
          long found = before.find(position, hasher.keyCheck());
          if (found >= 0 && !comparison.sightings().marked(found)) {
            feed.tombstone(
                position,
                record.database(),
                record.key(),
                new Fingerprint(before.fingerprintHigh(found), before.fingerprintLow(found)));
          }
        }
      }
    }
    if (feed.tombstones() != expected) {
      throw new CorruptData(
          "keys that are gone are not in the snapshot before: expected=%d actual=%d"
              .formatted(expected, feed.tombstones()),
          RunFormat.HINT,
          null);
    }
  }

  /// Keys of one position belong to one batch.
  private static long nextBehind(Comparison comparison, long from, long position) {
    long entry = from;
    while (entry >= 0 && comparison.before().position(entry) == position) {
      entry = comparison.sightings().nextMissing(entry + 1);
    }
    return entry;
  }
}
