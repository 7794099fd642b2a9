package io.ringkeep.repository.known;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.repository.json.Json;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Gathers what the records of a snapshot in the making are known by, in any order, and sorts it
/// into a [KnownFile].
///
/// Each shard has a [Part] of its own, filled by one thread. A log that fails (the disk is full)
/// takes no more and says so when it is to be finished; a backup does not fail for it.
public final class KnownLog implements AutoCloseable {
  /*
   * Entries are dealt out by the upper bits of their position to so many partitions that each can be sorted in memory.
   * A partition fills a small chunk; full chunks go to a temporary file one behind the other. Memory is 4 MiB a shard
   * at most, and one partition while sorting.
   */
  static final int PARTITION_BITS = 10;
  static final int PARTITIONS = 1 << PARTITION_BITS;
  static final int CHUNK_ENTRIES = 128;
  private static final int TYPES = 1 << Byte.SIZE;
  private static final int CHUNK_BYTES = CHUNK_ENTRIES * KnownFile.ENTRY_BYTES;

  private final Path temporary;
  private final FileChannel file;
  private final RecordKinds kinds;
  private final AtomicLong chunks = new AtomicLong();
  private final List<Part> parts = new ArrayList<>();
  private volatile @Nullable IOException failure;

  private KnownLog(Path temporary, FileChannel file, List<RecordKind> known) {
    this.temporary = temporary;
    this.file = file;
    this.kinds = new RecordKinds(known);
  }

  /// An empty log.
  ///
  /// @param temporary file to use meanwhile, which is made anew
  /// @param known kinds that keep their numbers
  static KnownLog begin(Path temporary, List<RecordKind> known) throws IOException {
    FileChannel file =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    return new KnownLog(temporary, file, known);
  }

  /// Begins a part.
  public Part part() {
    return new Part();
  }

  /// Why the log is of no use; empty as long as all is well.
  public Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  private void fail(IOException e) {
    failure = e;
  }

  /// Forgets all finished parts.
  public synchronized void startOver() {
    parts.clear();
  }

  private synchronized void add(Part part) {
    parts.add(part);
  }

  /// Sorts all finished parts into a file of known records, which appears whole or not at all.
  ///
  /// @throws IOException if that fails, or failed before
  synchronized void finish(Path into, String repository, String cache, String snapshot)
      throws IOException {
    IOException before = failure;
    if (before != null) {
      throw before;
    }
    long count = 0;
    for (Part part : parts) {
      count += part.count;
    }
    Path unfinished = into.resolveSibling(into.getFileName() + ".tmp");
    try (FileChannel out =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      long bytes = count * KnownFile.ENTRY_BYTES;
      KnownSorter sorter = new KnownSorter(out);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        int number = partition;
        sorter.sort(consumer -> {
          for (Part part : parts) {
            part.read(number, consumer);
          }
        });
      }
      sorter.flush();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment entries = out.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
        KnownHeader header =
            new KnownHeader(
                KnownHeader.FORMAT,
                repository,
                cache,
                snapshot,
                KnownFile.FINGERPRINT_FORMAT,
                count,
                KnownFile.crc32c(entries),
                kinds.list());
        ByteBuffer document = Json.writeChecked(header);
        ByteBuffer length =
            ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, document.remaining());
        long end = bytes + document.remaining();
        write(out, document, bytes);
        write(out, length, end);
      }
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Files.move(
        unfinished, into, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(FileChannel file, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // Best effort: the next backup removes it.
      failure = e;
    }
  }

  /// Takes entries.
  @FunctionalInterface
  interface EntryConsumer {
    /// Takes so many entries, one behind the other from index 0.
    void entries(ByteBuffer entries, int count);
  }

  /// What one shard adds.
  public final class Part {
    // Each partition's open chunk.
    private final @Nullable ByteBuffer[] open = new ByteBuffer[PARTITIONS];
    private final int[] filled = new int[PARTITIONS];
    // Each partition's full chunks in the file.
    private final long[][] full = new long[PARTITIONS][];
    private final int[] fullCount = new int[PARTITIONS];
    // For each version and database, the number of each type's kind plus one.
    private final Map<RdbVersion, Map<Integer, int[]>> numbers = new HashMap<>();
    private int[] current = {};
    private int currentDatabase = -1;
    private RdbVersion currentVersion = RdbVersion.redis(1);
    private long count;

    private Part() {}

    /// Number of a kind.
    public int kind(RdbVersion version, int type, int database) {
      if (database != currentDatabase || !version.equals(currentVersion)) {
        currentDatabase = database;
        currentVersion = version;
        current =
            numbers
                .computeIfAbsent(version, _ -> new HashMap<>())
                .computeIfAbsent(database, _ -> new int[TYPES]);
      }
      if (current[type] == 0) {
        try {
          current[type] = 1 + kinds.number(new RecordKind(version.magic(), type, database));
        } catch (IOException e) {
          fail(e);
          return 0;
        }
      }
      return current[type] - 1;
    }

    /// Adds a record.
    ///
    /// @param keyCheck as [io.ringkeep.model.RecordHasher] has it
    /// @param kind of the record as it is stored
    public void add(long position, long keyCheck, Fingerprint fingerprint, int kind) {
      if (failure != null) {
        return;
      }
      int partition = (int) (position >>> (Long.SIZE - PARTITION_BITS));
      ByteBuffer chunk = open[partition];
      if (chunk == null) {
        chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        open[partition] = chunk;
      }
      int at = filled[partition] * KnownFile.ENTRY_BYTES;
      chunk.putLong(at, position);
      chunk.putLong(at + 8, KnownFile.checkBits(keyCheck) << KnownFile.KIND_BITS | kind);
      chunk.putLong(at + 16, fingerprint.high());
      chunk.putLong(at + 24, fingerprint.low());
      count++;
      if (++filled[partition] == CHUNK_ENTRIES) {
        filled[partition] = 0;
        store(partition, chunk);
      }
    }

    private void store(int partition, ByteBuffer chunk) {
      long number = chunks.getAndIncrement();
      try {
        write(file, chunk.clear(), number * CHUNK_BYTES);
      } catch (IOException e) {
        fail(e);
        return;
      }
      long[] numbersSoFar = full[partition];
      if (numbersSoFar == null) {
        numbersSoFar = new long[4];
      } else if (numbersSoFar.length == fullCount[partition]) {
        numbersSoFar = Arrays.copyOf(numbersSoFar, 2 * fullCount[partition]);
      }
      numbersSoFar[fullCount[partition]++] = number;
      full[partition] = numbersSoFar;
    }

    /// Makes it part of the log.
    public void finish() {
      KnownLog.this.add(this);
    }

    /// Hands out all entries of a partition.
    private void read(int partition, EntryConsumer consumer) throws IOException {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < fullCount[partition]; i++) {
        chunk.clear();
        while (chunk.hasRemaining()) {
          if (file.read(chunk, full[partition][i] * CHUNK_BYTES + chunk.position()) < 0) {
            throw new IOException("temporary file ends early: path=" + temporary);
          }
        }
        consumer.entries(chunk.clear(), CHUNK_ENTRIES);
      }
      ByteBuffer last = open[partition];
      if (last != null && filled[partition] > 0) {
        consumer.entries(last.clear(), filled[partition]);
      }
    }
  }
}
