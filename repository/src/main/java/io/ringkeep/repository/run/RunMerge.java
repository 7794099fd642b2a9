package io.ringkeep.repository.run;

import io.ringkeep.model.Record;
import io.ringkeep.model.SlotRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Many runs read as one: each key once, as the newest run has it, and not at all where the newest
/// run says it is gone.
public final class RunMerge implements RecordCursor {
  /*
   * A binary heap of cursors, smallest entry on top, the newest run first among equal keys. The top stays in the heap
   * while it is current; older entries of its key can only stand right below it, where they are skipped. A step costs
   * about log2(runs) comparisons of longs.
   */
  private static final int LEAST_WINDOW_BYTES = RunFormat.BLOCK_BYTES;
  private static final int MOST_WINDOW_BYTES = 4 << 20;

  private final RunCursor[] heap;
  private int size;
  private boolean atRecord;
  private boolean withTombstones;

  /// A cursor over the records of `runs` within `slots`.
  ///
  /// @param runs oldest first
  public static RunMerge ofSlots(
      List<StoredRun> runs, Collection<SlotRange> slots, RunReaders readers) {
    return new RunMerge(runs, PositionRange.of(slots), readers);
  }

  /// A cursor over all entries of `runs` as one run would have them: a key that the newest run says
  /// is gone is an entry, too.
  ///
  /// @param runs oldest first
  static RunMerge ofEntries(List<StoredRun> runs, RunReaders readers) {
    RunMerge merge = new RunMerge(runs, PositionRange.of(List.of(SlotRange.ALL)), readers);
    merge.withTombstones = true;
    return merge;
  }

  /// A cursor over the records of `runs` in some ranges, in order and apart from each other.
  ///
  /// @param runs oldest first
  static RunMerge ofRanges(List<StoredRun> runs, List<PositionRange> ranges, RunReaders readers) {
    return new RunMerge(runs, ranges, readers);
  }

  private RunMerge(List<StoredRun> runs, List<PositionRange> ranges, RunReaders readers) {
    long window = readers.options().memoryBytes() / (2L * Math.max(1, runs.size()));
    int windowBytes = Math.clamp(window, LEAST_WINDOW_BYTES, MOST_WINDOW_BYTES);
    List<RunCursor> cursors = new ArrayList<>();
    for (int age = 0; age < runs.size(); age++) {
      RunCursor cursor = new RunCursor(runs.get(age), age, ranges, readers, windowBytes);
      if (cursor.mayHaveEntries()) {
        cursors.add(cursor);
      }
    }
    // Sorted is a heap, too.
    cursors.sort(RunCursor::compareTo);
    heap = cursors.toArray(RunCursor[]::new);
    size = heap.length;
  }

  @Override
  public boolean next() throws IOException {
    if (atRecord) {
      atRecord = false;
      advance(0);
    }
    while (size > 0) {
      RunCursor top = heap[0];
      if (!top.begun()) {
        advance(0);
        continue;
      }
      skipOlder(top);
      if (withTombstones || !top.isTombstone()) {
        atRecord = true;
        return true;
      }
      advance(0);
    }
    return false;
  }

  @Override
  public long position() {
    return current().position();
  }

  @Override
  public RecordHead head() {
    return current().head();
  }

  @Override
  public Record record() throws IOException {
    return current().record();
  }

  /// True if the current entry says that its key is gone.
  boolean isTombstone() {
    return current().isTombstone();
  }

  /// Database of the current entry.
  int database() {
    return current().database();
  }

  /// Key of the current entry; holds as a record's buffers do.
  ByteBuffer key() {
    return current().key();
  }

  private RunCursor current() {
    if (!atRecord) {
      throw new IllegalStateException("there is no current record");
    }
    return heap[0];
  }

  private void skipOlder(RunCursor top) throws IOException {
    for (int child = 1; child <= 2; child++) {
      while (child < size && top.sameKey(heap[child])) {
        advance(child);
        child = 1;
      }
    }
  }

  /// Moves the cursor at `at` on, then puts it where it belongs.
  private void advance(int at) throws IOException {
    RunCursor cursor = heap[at];
    if (!cursor.advance()) {
      cursor.close();
      cursor = heap[--size];
      if (at == size) {
        return;
      }
      heap[at] = cursor;
    }
    siftDown(at, cursor);
  }

  private void siftDown(int at, RunCursor cursor) {
    int hole = at;
    while (2 * hole + 1 < size) {
      int child = 2 * hole + 1;
      if (child + 1 < size && heap[child + 1].compareTo(heap[child]) < 0) {
        child++;
      }
      if (cursor.compareTo(heap[child]) <= 0) {
        break;
      }
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = cursor;
  }

  @Override
  public void close() {
    for (int i = 0; i < size; i++) {
      heap[i].close();
    }
    size = 0;
    atRecord = false;
  }
}
