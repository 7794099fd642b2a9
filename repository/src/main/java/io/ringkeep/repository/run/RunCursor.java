package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordOrder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// The entries of one run within some ranges of positions, in order, tombstones included.
///
/// Used by one thread.
final class RunCursor implements AutoCloseable {
  /*
   * Two windows take turns: while the entries of one are handed out, the other is fetched, decrypted and opened in the
   * background. A record in pieces makes a window of its first piece; the rest is fetched when the record is asked
   * for, so that a merge holds one large value, not one for each run.
   *
   * Nothing is fetched before the merge gets near the run's first position: of a cluster's many runs only those that
   * overlap are open at a time.
   */
  private final StoredRun run;
  private final int age;
  private final RunReaders readers;
  // Of the background; the cursor's own thread has another.
  private final RunData ahead;
  private final RunData here;
  private final int windowBytes;
  // In order, apart from each other.
  private final List<PositionRange> ranges;
  private int range;
  // Blocks that may hold what is wanted.
  private final BitSet blocks;
  private int nextBlock;

  private @Nullable Window current;
  private @Nullable Window next;
  private @Nullable Future<?> fetching;
  private int block;
  private int entry = -1;
  private boolean begun;
  // Of the current entry; before the first one, a lower bound.
  private long position;

  /// A cursor before the first entry.
  ///
  /// @param age the run's place among those merged; the higher is the newer
  /// @param windowBytes about how much of the run, uncompressed, is fetched at once
  RunCursor(
      StoredRun run, int age, List<PositionRange> ranges, RunReaders readers, int windowBytes) {
    this.run = run;
    this.age = age;
    this.readers = readers;
    ahead = new RunData(run, readers.objects());
    here = new RunData(run, readers.objects());
    this.windowBytes = windowBytes;
    this.ranges = ranges;
    blocks = new BitSet(run.index().blocks());
    ranges.forEach(this::addBlocks);
    nextBlock = blocks.nextSetBit(0);
    position = nextBlock < 0 ? 0 : run.index().position(nextBlock);
  }

  private void addBlocks(PositionRange wanted) {
    RunIndex index = run.index();
    if (Long.compareUnsigned(wanted.first(), index.lastPosition()) > 0) {
      return;
    }
    for (int i = run.seek(wanted.first());
        i < index.blocks() && Long.compareUnsigned(index.position(i), wanted.last()) <= 0;
        i++) {
      // The pieces of a record follow their first one without being asked.
      blocks.set(i, index.entries(i) > 0);
    }
  }

  /// False if no block of the run can hold any of the slots.
  boolean mayHaveEntries() {
    return nextBlock >= 0;
  }

  /// False as long as [#position] is a lower bound and nothing else is known.
  boolean begun() {
    return begun;
  }

  /// Moves to the next entry; false at the end.
  boolean advance() throws IOException {
    begun = true;
    do {
      entry++;
      while (current == null || entry >= current.block(block).entries()) {
        if (!nextBlock()) {
          return false;
        }
      }
      position = current.block(block).position(entry);
    } while (!wanted());
    return true;
  }

  private boolean wanted() {
    while (range < ranges.size() && Long.compareUnsigned(ranges.get(range).last(), position) < 0) {
      range++;
    }
    return range < ranges.size() && Long.compareUnsigned(ranges.get(range).first(), position) <= 0;
  }

  long position() {
    return position;
  }

  boolean isTombstone() {
    return decoded().isTombstone(entry);
  }

  /// True if the current entry is of this key.
  boolean isOf(int wantedDatabase, ByteBuffer wantedKey) {
    return database() == wantedDatabase && key().equals(wantedKey);
  }

  /// The current record without its value.
  RecordHead head() {
    return decoded().head(entry);
  }

  /// The current record; a value in pieces is put together by this call.
  Record record() throws IOException {
    DecodedBlock decoded = decoded();
    if (!decoded.complete() && entry == decoded.entries() - 1) {
      Window window = current;
      if (window != null) {
        readers.with(reader -> window.join(block, here, reader));
      }
    }
    return decoded.record(entry);
  }

  /// Order of the current entries; with equal keys the newer run comes first.
  int compareTo(RunCursor other) {
    int order = Long.compareUnsigned(position, other.position);
    if (order != 0) {
      return order;
    }
    if (!begun || !other.begun) {
      return Boolean.compare(begun, other.begun);
    }
    order = compareKeys(other);
    return order != 0 ? order : Integer.compare(other.age, age);
  }

  /// True if both current entries are of the same key.
  boolean sameKey(RunCursor other) {
    return position == other.position && begun && other.begun && compareKeys(other) == 0;
  }

  private int compareKeys(RunCursor other) {
    return RecordOrder.compareKeys(database(), key(), other.database(), other.key());
  }

  int database() {
    return decoded().database(entry);
  }

  ByteBuffer key() {
    return decoded().key(entry);
  }

  private DecodedBlock decoded() {
    if (current == null) {
      throw new IllegalStateException("the cursor has not begun or has ended");
    }
    return current.block(block);
  }

  private boolean nextBlock() throws IOException {
    entry = 0;
    block++;
    if (current != null && block < current.count()) {
      return true;
    }
    block = 0;
    if (fetching == null) {
      fetch();
    }
    if (fetching == null) {
      return false;
    }
    await(fetching);
    fetching = null;
    Window filled = next;
    next = current;
    current = filled;
    fetch();
    return true;
  }

  /// Starts to fill the other window, unless the run has ended.
  private void fetch() {
    if (nextBlock < 0) {
      return;
    }
    RunIndex index = run.index();
    int from = nextBlock;
    int to = from + 1;
    long bytes = index.mostPayload(from);
    if (!index.continued(from)) {
      while (blocks.get(to)
          && index.object(to) == index.object(from)
          && !index.continued(to)
          && bytes + index.mostPayload(to) <= windowBytes) {
        bytes += index.mostPayload(to);
        to++;
      }
    }
    nextBlock = blocks.nextSetBit(to);
    Window window = next != null ? next : new Window(run);
    next = window;
    int end = to;
    fetching = readers.submit(reader -> window.fill(from, end, ahead, reader));
  }

  private static void await(Future<?> filling) throws IOException {
    try {
      filling.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading a run");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case BackupException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default ->
            throw new IllegalStateException("a block could not be read", e.getCause());
      }
    }
  }

  /// Frees the windows. Waits for the one that is being filled.
  @Override
  public void close() {
    if (fetching != null) {
      boolean interrupted = false;
      while (!fetching.isDone()) {
        try {
          fetching.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          // Nobody wants the window any more.
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      fetching = null;
    }
    nextBlock = -1;
    if (current != null) {
      current.close();
      current = null;
    }
    if (next != null) {
      next.close();
      next = null;
    }
  }
}
