package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Position;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordOrder;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gathers the entries of one run in chunks of the shared budget, then puts them in order.
///
/// Filled by one thread, afterwards read by another.
final class RunSorter implements ByteSource {
  /*
   * The chunks form one address space; an entry starts at a multiple of eight and may run across chunks:
   *
   *   0 position · 8 head length u32 · 12 value length u32 · 16 database u32 · 20 key start u8, flags u8, version u16
   *   24 head: expiry, heat, type, key length, key, as in an RDB · value · up to the next multiple of eight
   *
   * Sorting moves one long for each entry: the upper bits of the position in front, the address divided by eight
   * behind. With 128 MiB in a run that leaves 40 bits of the position, so only about one pair in a million entries
   * ties (all in one slot: one entry in a hundred); ties are then settled by the entries themselves. Cost: 8 bytes of
   * heap an entry while sorting, and the JDK's vectorised sort of a long[].
   */
  private static final int CACHE_LINE_BYTES = 64;

  /// Of an entry: header, key, and the start of the value.
  private static final int TOUCHED_BYTES = 192;

  private static final int ENTRY_HEADER_BYTES = 24;
  private static final int TOMBSTONE = 1;

  private final ChunkPool pool;
  private final int chunkMask;
  private final int chunkShift;
  private final ByteBuffer scratch =
      ByteBuffer.allocateDirect(ENTRY_HEADER_BYTES + RdbBody.MOST_HEAD_BYTES)
          .order(ByteOrder.LITTLE_ENDIAN);
  private final List<RdbVersion> versions = new ArrayList<>();
  private final List<ByteBuffer> held = new ArrayList<>();
  private ByteBuffer[] chunks = new ByteBuffer[0];
  private long capacity;
  private long end;
  private int entries;
  private int addressBits;

  RunSorter(ChunkPool pool) {
    this.pool = pool;
    chunkMask = pool.chunkBytes() - 1;
    chunkShift = Integer.numberOfTrailingZeros(pool.chunkBytes());
  }

  /// Number of entries.
  int entries() {
    return entries;
  }

  /// How many chunks a record needs in an empty sorter; a record that needs more than a fair share
  /// is written without one.
  static long chunksFor(ChunkPool pool, Record record) {
    long bytes =
        aligned(
            (long) ENTRY_HEADER_BYTES
                + RdbBody.headLength(record)
                + record.key().remaining()
                + record.value().remaining());
    return (bytes + pool.chunkBytes() - 1) / pool.chunkBytes();
  }

  /// How many chunks a tombstone needs in an empty sorter.
  static int chunksFor(ChunkPool pool, ByteBuffer key) {
    long bytes = aligned((long) ENTRY_HEADER_BYTES + key.remaining());
    return (int) ((bytes + pool.chunkBytes() - 1) / pool.chunkBytes());
  }

  /// Takes chunks, waiting for them. Only an empty sorter may wait: one that holds some could wait
  /// for itself.
  void reserve(int count) throws InterruptedIOException {
    if (!held.isEmpty()) {
      throw new IllegalStateException("a sorter that holds memory waits for more");
    }
    hold(pool.take(count));
  }

  /// Copies a record in; false, and nothing happened, if this run has its share or the pool is
  /// empty.
  boolean add(long position, Record record) {
    int headLength = RdbBody.headLength(record);
    int keyLength = record.key().remaining();
    int valueLength = record.value().remaining();
    long body = (long) headLength + keyLength + valueLength;
    if (!makeRoom(ENTRY_HEADER_BYTES + body)) {
      return false;
    }
    int behind = RdbBody.putHead(scratch, ENTRY_HEADER_BYTES, record);
    putHeader(
        position,
        headLength + keyLength,
        valueLength,
        record.database(),
        headLength,
        0,
        versionIndex(record.version()));
    copyIn(scratch, 0, behind);
    copyIn(record.key(), record.key().position(), keyLength);
    copyIn(record.value(), record.value().position(), valueLength);
    end = aligned(end);
    entries++;
    return true;
  }

  /// Notes that a key of older runs is gone; false, and nothing happened, if there is no room.
  boolean addTombstone(long position, int database, ByteBuffer key) {
    if (!makeRoom((long) ENTRY_HEADER_BYTES + key.remaining())) {
      return false;
    }
    putHeader(position, key.remaining(), 0, database, 0, TOMBSTONE, 0);
    copyIn(scratch, 0, ENTRY_HEADER_BYTES);
    copyIn(key, key.position(), key.remaining());
    end = aligned(end);
    entries++;
    return true;
  }

  /// Addresses of the entries in [RecordOrder], as the first [#entries] elements, each to be put
  /// through [#address].
  ///
  /// @param reusable an array to use if it is large enough
  /// @throws CorruptData if a key is there twice: no server sends that
  long[] sort(long[] reusable) {
    long[] order = reusable.length >= entries ? reusable : new long[entries];
    addressBits = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(end >>> 3));
    int at = 0;
    for (long address = 0; address < end; address = next(address)) {
      // The sort is signed, positions are not: hence the flipped sign.
      order[at++] =
          ((position(address) >>> addressBits << addressBits) | (address >>> 3)) ^ Long.MIN_VALUE;
    }
    Arrays.sort(order, 0, entries);
    settleTies(order);
    return order;
  }

  /// Address of the entry that a sorted element stands for.
  long address(long sorted) {
    return (sorted & ((1L << addressBits) - 1)) << 3;
  }

  /// Reads some words of each of these sorted elements' entries.
  ///
  /// In sorted order each entry is a cache miss of its own. Here nothing depends on what is read,
  /// so the misses overlap, and whoever uses the entries next finds them near.
  ///
  /// @return a number without meaning, to be kept so that the reads are not optimised away
  long touch(long[] order, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      long address = address(order[i]);
      long last = Math.min(address + TOUCHED_BYTES, end) - Long.BYTES;
      for (long at = address; at <= last; at += CACHE_LINE_BYTES) {
        sum += longAt(at);
      }
    }
    return sum;
  }

  long position(long address) {
    return longAt(address);
  }

  int headLength(long address) {
    return (int) longAt(address + 8);
  }

  int valueLength(long address) {
    return (int) (longAt(address + 8) >>> 32);
  }

  int database(long address) {
    return (int) longAt(address + 16);
  }

  boolean isTombstone(long address) {
    return (longAt(address + 16) >>> 40 & TOMBSTONE) != 0;
  }

  RdbVersion version(long address) {
    return versions.get((int) (longAt(address + 16) >>> 48));
  }

  /// Address of the bytes behind the header: head, key and value in one piece.
  long body(long address) {
    return address + ENTRY_HEADER_BYTES;
  }

  /// The key: a view where it lies in one chunk, else a copy.
  ByteBuffer key(long address) {
    int keyStart = (int) (longAt(address + 16) >>> 32) & 0xff;
    long at = body(address) + keyStart;
    int length = headLength(address) - keyStart;
    int offset = (int) (at & chunkMask);
    if (length <= chunkMask + 1 - offset) {
      return length == 0 ? scratch.slice(0, 0) : chunk(at).slice(offset, length);
    }
    ByteBuffer copy = ByteBuffer.allocateDirect(length);
    copy(at, length, copy, 0);
    return copy;
  }

  @Override
  public void copy(long at, int length, ByteBuffer into, int offset) {
    long from = at;
    int to = offset;
    int left = length;
    while (left > 0) {
      int start = (int) (from & chunkMask);
      int count = Math.min(left, chunkMask + 1 - start);
      into.put(to, chunk(from), start, count);
      from += count;
      to += count;
      left -= count;
    }
  }

  /// Gives the memory back; the sorter is empty afterwards.
  void release() {
    pool.give(held);
    held.clear();
    chunks = new ByteBuffer[0];
    capacity = 0;
    end = 0;
    entries = 0;
  }

  private boolean makeRoom(long bytes) {
    long needed = end + aligned(bytes);
    if (needed <= capacity) {
      return true;
    }
    long count = (needed - capacity + chunkMask) >>> chunkShift;
    if (held.size() + count > pool.fairShare()) {
      return false;
    }
    @Nullable List<ByteBuffer> more = pool.tryTake((int) count);
    if (more == null) {
      return false;
    }
    hold(more);
    return true;
  }

  private void hold(List<ByteBuffer> more) {
    held.addAll(more);
    chunks = held.toArray(ByteBuffer[]::new);
    capacity = (long) chunks.length << chunkShift;
  }

  private void putHeader(
      long position,
      int headLength,
      int valueLength,
      int database,
      int keyStart,
      int flags,
      int version) {
    scratch.putLong(0, position);
    scratch.putInt(8, headLength);
    scratch.putInt(12, valueLength);
    scratch.putInt(16, database);
    scratch.putInt(20, keyStart | flags << 8 | version << 16);
  }

  private int versionIndex(RdbVersion version) {
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i).equals(version)) {
        return i;
      }
    }
    versions.add(version);
    return versions.size() - 1;
  }

  private void copyIn(ByteBuffer from, int index, int length) {
    int at = index;
    int left = length;
    while (left > 0) {
      int start = (int) (end & chunkMask);
      int count = Math.min(left, chunkMask + 1 - start);
      chunk(end).put(start, from, at, count);
      end += count;
      at += count;
      left -= count;
    }
  }

  private ByteBuffer chunk(long address) {
    return chunks[(int) (address >>> chunkShift)];
  }

  private long longAt(long address) {
    return chunk(address).getLong((int) (address & chunkMask));
  }

  private long next(long address) {
    long lengths = longAt(address + 8);
    return aligned(address + ENTRY_HEADER_BYTES + (lengths & 0xffffffffL) + (lengths >>> 32));
  }

  private static long aligned(long bytes) {
    return (bytes + 7) & ~7L;
  }

  private void settleTies(long[] order) {
    int from = 0;
    for (int to = 1; to <= entries; to++) {
      if (to < entries && (order[from] ^ order[to]) >>> addressBits == 0) {
        continue;
      }
      if (to - from > 1) {
        settle(order, from, to);
      }
      from = to;
    }
  }

  private void settle(long[] order, int from, int to) {
    List<Long> tied = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      tied.add(order[i]);
    }
    tied.sort((one, other) -> compare(address(one), address(other)));
    for (int i = 0; i < tied.size(); i++) {
      order[from + i] = tied.get(i);
      if (i > 0 && compare(address(tied.get(i - 1)), address(tied.get(i))) == 0) {
        long address = address(tied.get(i));
        throw new CorruptData(
            "the same key came twice in one stream: slot=%d database=%d"
                .formatted(Position.slot(position(address)), database(address)),
            "the source sent a damaged RDB; back up again, from another server if there is one",
            null);
      }
    }
  }

  private int compare(long one, long other) {
    return RecordOrder.compare(
        position(one), database(one), key(one), position(other), database(other), key(other));
  }
}
