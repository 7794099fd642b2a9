package io.ringkeep.repository.run;

import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigest;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.run.RunVerifier.Fingerprints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes what many runs hold as one run, or as few: the newest entry of each key.
///
/// Memory is that of a merge and of one run's index, whatever the runs' size. Used by one thread.
public final class MergedRuns implements AutoCloseable {
  /// Record bytes after which another run is begun as soon as the slot changes: its index has then
  /// about a million blocks, 24 MB of heap.
  public static final long MOST_RUN_BYTES = 64L << 30;

  /// Is told of each record that was merged.
  @FunctionalInterface
  public interface Listener {
    /// So much more was merged.
    void advance(long bytes, long records);
  }

  /// What was written.
  ///
  /// @param runs in order of their slots; none if nothing is left
  /// @param slots in which the merged runs had entries
  /// @param records number of records, and the sum of their fingerprints
  public record Written(List<RunDescriptor> runs, List<SlotRange> slots, SlotDigest records) {
    public Written {
      runs = List.copyOf(runs);
      slots = List.copyOf(slots);
    }
  }

  private final RunWriter writer;
  private final RunReaders readers;
  private final String directory;
  private final String id;
  private final long mostRunBytes;
  private final Fingerprints fingerprints;
  private final Listener listener;

  // While merging.
  private final List<RunDescriptor> runs = new ArrayList<>();
  private final TreeSet<Integer> slots = new TreeSet<>();
  private SlotSums left = new SlotSums();
  private RunSums sums = new RunSums();
  private SlotDigest held = SlotDigest.EMPTY;
  private int firstSlot;

  /// Nothing is written yet.
  ///
  /// @param directory where runs lie, ending in a slash
  /// @param id of whoever writes, which begins the runs' names
  /// @param mostRunBytes [#MOST_RUN_BYTES], but in tests
  /// @param fingerprints gives records their fingerprints, which add up to what each run holds
  /// @param announce is told the name of each object before it is begun; what it throws ends the
  ///   merge
  public MergedRuns(
      SealedObjects objects,
      RunReaders readers,
      String directory,
      String id,
      WriteOptions options,
      long mostRunBytes,
      Fingerprints fingerprints,
      Consumer<String> announce,
      Listener listener) {
    this.readers = readers;
    this.directory = directory;
    this.id = id;
    this.mostRunBytes = mostRunBytes;
    this.fingerprints = fingerprints;
    this.listener = listener;
    writer = new RunWriter(objects, options.compressionLevel(), options.objectBytes(), announce);
  }

  /// Merges runs.
  ///
  /// @param merged oldest first, nothing between them
  /// @param below the runs that are older than these: a tombstone stays only where one of them may
  ///   hold its key
  /// @param changes what all merged runs together change in the slots' digests
  public Written write(List<StoredRun> merged, List<StoredRun> below, SlotSums changes)
      throws IOException {
    left = new SlotSums();
    left.add(changes);
    sums = new RunSums();
    RunWriter.@Nullable Run run = null;
    try (RunMerge merge = RunMerge.ofEntries(merged, readers)) {
      int slot = -1;
      while (merge.next()) {
        if (Position.slot(merge.position()) != slot) {
          slot = Position.slot(merge.position());
          slots.add(slot);
          if (run != null && run.bytes() >= mostRunBytes) {
            end(run, slot);
            run = null;
          }
        }
        boolean gone = merge.isTombstone();
        if (gone && !mayHold(below, merge.position())) {
          continue;
        }
        if (run == null) {
          run = writer.begin(directory, String.format(Locale.ROOT, "%s-%04d", id, runs.size()));
        }
        put(merge, gone, run);
      }
      if (run != null) {
        end(run, Slot.COUNT);
        run = null;
      }
    } finally {
      if (run != null) {
        run.close();
      }
    }
    return new Written(runs, SlotRange.covering(slots), held);
  }

  private void put(RunMerge merge, boolean gone, RunWriter.Run into) throws IOException {
    if (gone) {
      into.tombstone(merge.position(), merge.database(), merge.key());
      listener.advance(merge.key().remaining(), 0);
    } else {
      Record record = merge.record();
      sums.hold(fingerprints.of(record));
      into.record(merge.position(), record);
      listener.advance((long) record.key().remaining() + record.value().remaining(), 1);
    }
  }

  /// Ends a run that has the sums of all slots up to `nextSlot`, exclusive.
  private void end(RunWriter.Run run, int nextSlot) throws IOException {
    sums.changes().move(left, firstSlot, nextSlot);
    held = held.plus(sums.records());
    firstSlot = nextSlot;
    runs.add(run.finish(sums));
    sums = new RunSums();
    run.close();
  }

  private static boolean mayHold(List<StoredRun> below, long position) {
    for (StoredRun run : below) {
      RunIndex index = run.index();
      if (Long.compareUnsigned(index.firstPosition(), position) <= 0
          && Long.compareUnsigned(position, index.lastPosition()) <= 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    writer.close();
  }
}
