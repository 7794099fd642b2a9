package io.ringkeep.repository.run;

import io.ringkeep.model.Position;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.ObjectWriter;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.object.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes whole runs: data objects, then the index.
///
/// Used by one thread at a time; its buffers serve one run after the other.
final class RunWriter implements AutoCloseable {
  private static final int TOUCHED_ENTRIES = 64;

  private final SealedObjects objects;
  private final long objectBytes;
  private final Consumer<String> announce;
  private final int ranges;
  private final BlockWriter blocks;
  private final RecordBytes single = new RecordBytes();
  private long[] order = new long[0];

  // Never read: it is written so that the reads behind it happen.
  @SuppressWarnings("UnusedVariable")
  private long touched;

  /// A writer without a run.
  ///
  /// @param level of zstd
  /// @param objectBytes content at which a data object ends
  /// @param announce is told the name of each object before it is begun
  RunWriter(SealedObjects objects, int level, long objectBytes, Consumer<String> announce) {
    this.objects = objects;
    this.objectBytes = objectBytes;
    this.announce = announce;
    this.ranges = objects.ringRanges();
    this.blocks = new BlockWriter(level);
  }

  /// Sorts what `sorter` holds and writes it as a run.
  ///
  /// @param directory where runs lie, ending in a slash
  /// @param id of the run
  /// @param sums what it changes in each slot's digest, and what its records add up to
  RunDescriptor write(String directory, String id, RunSorter sorter, RunSums sums)
      throws IOException {
    order = sorter.sort(order);
    try (Run run = begin(directory, id)) {
      for (int i = 0; i < sorter.entries(); i++) {
        if (i % TOUCHED_ENTRIES == 0) {
          touched += sorter.touch(order, i, Math.min(i + TOUCHED_ENTRIES, sorter.entries()));
        }
        long entry = sorter.address(order[i]);
        long position = sorter.position(entry);
        if (sorter.isTombstone(entry)) {
          run.tombstone(position, sorter.database(entry), sorter.key(entry));
        } else {
          run.record(
              position,
              sorter.database(entry),
              sorter.version(entry),
              sorter.headLength(entry),
              sorter.valueLength(entry),
              sorter,
              sorter.body(entry));
        }
      }
      return run.finish(sums);
    }
  }

  /// Writes a run of one record straight from its buffers.
  RunDescriptor write(String directory, String id, long position, Record record, RunSums sums)
      throws IOException {
    try (Run run = begin(directory, id)) {
      run.record(position, record);
      return run.finish(sums);
    }
  }

  /// Begins a run whose entries come in order.
  Run begin(String directory, String id) {
    return new Run(directory, id);
  }

  /// Which of the store's ranges of the ring a position lies in.
  private int range(long position) {
    return (int) ((long) Position.slot(position) * ranges / Slot.COUNT);
  }

  @Override
  public void close() {
    blocks.close();
  }

  /// The run that is being written.
  final class Run implements BlockWriter.Sink, AutoCloseable {
    private final String directory;
    private final String id;
    private final List<StoredObject> stored = new ArrayList<>();
    private int[] firstBlocks = new int[8];
    private long[] positions = new long[64];
    private int[] storedLengths = new int[64];
    private int[] entries = new int[64];
    private int blockCount;
    private long records;
    private long tombstones;
    private long bytes;
    private long lastPosition;
    // That of the last entry.
    private int entryRange;
    // Of the object that is being written.
    private int range;
    private @Nullable ObjectWriter object;

    private Run(String directory, String id) {
      this.directory = directory;
      this.id = id;
      blocks.begin(id, this);
    }

    /// Number of entries.
    long entries() {
      return records + tombstones;
    }

    /// Length of the records' own RDB bytes.
    long bytes() {
      return bytes;
    }

    /// Adds a record from its buffers.
    void record(long position, Record record) throws IOException {
      single.set(record);
      record(
          position,
          record.database(),
          record.version(),
          single.headLength(),
          record.value().remaining(),
          single,
          0);
    }

    private void record(
        long position,
        int database,
        RdbVersion version,
        int headLength,
        int valueLength,
        ByteSource source,
        long at)
        throws IOException {
      enter(position);
      blocks.record(position, database, version, headLength, valueLength, source, at);
      records++;
      bytes += (long) headLength + valueLength;
    }

    /// Notes that a key of older runs is gone.
    void tombstone(long position, int database, ByteBuffer key) throws IOException {
      enter(position);
      blocks.tombstone(position, database, key);
      tombstones++;
    }

    private void enter(long position) throws IOException {
      if (entryRange != range(position)) {
        entryRange = range(position);
        blocks.flush();
      }
      lastPosition = position;
    }

    @Override
    public void block(long position, int entryCount, ByteBuffer block) throws IOException {
      if (blockCount == positions.length) {
        positions = Arrays.copyOf(positions, 2 * blockCount);
        storedLengths = Arrays.copyOf(storedLengths, 2 * blockCount);
        entries = Arrays.copyOf(entries, 2 * blockCount);
      }
      if (object != null
          && (range != range(position) || object.position() + block.remaining() > objectBytes)) {
        endObject(object);
      }
      range = range(position);
      ObjectWriter writer = object != null ? object : beginObject();
      positions[blockCount] = position;
      storedLengths[blockCount] = block.remaining();
      entries[blockCount] = entryCount;
      blockCount++;
      writer.write(block);
    }

    private ObjectWriter beginObject() throws IOException {
      if (stored.size() + 1 >= firstBlocks.length) {
        firstBlocks = Arrays.copyOf(firstBlocks, 2 * firstBlocks.length);
      }
      firstBlocks[stored.size()] = blockCount;
      String name = RunFormat.dataName(directory, id, stored.size(), objects.placeMark(range));
      announce.accept(name);
      ObjectWriter writer = objects.create(name, ObjectKind.RUN_DATA);
      object = writer;
      return writer;
    }

    private void endObject(ObjectWriter writer) throws IOException {
      stored.add(writer.commit());
      object = null;
      writer.close();
    }

    RunDescriptor finish(RunSums sums) throws IOException {
      blocks.flush();
      if (object != null) {
        endObject(object);
      }
      firstBlocks[stored.size()] = blockCount;
      RunIndex index =
          new RunIndex(
              records,
              tombstones,
              bytes,
              lastPosition,
              sums.records(),
              Arrays.copyOf(firstBlocks, stored.size() + 1),
              Arrays.copyOf(positions, blockCount),
              Arrays.copyOf(storedLengths, blockCount),
              Arrays.copyOf(entries, blockCount));
      String name = RunFormat.indexName(directory, id);
      announce.accept(name);
      StoredObject storedIndex =
          objects.write(name, ObjectKind.RUN_INDEX, index.encode(sums.changes()));
      long storedBytes = storedIndex.storedBytes();
      for (StoredObject data : stored) {
        storedBytes += data.storedBytes();
      }
      return new RunDescriptor(
          id,
          records,
          tombstones,
          bytes,
          storedBytes,
          HexFormat.of().toHexDigits(index.firstPosition()),
          HexFormat.of().toHexDigits(lastPosition),
          stored,
          storedIndex);
    }

    @Override
    public void close() throws IOException {
      if (object != null) {
        object.close();
      }
    }
  }
}
