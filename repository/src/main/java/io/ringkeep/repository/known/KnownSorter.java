package io.ringkeep.repository.known;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/// Sorts partitions of entries, one after the other, and writes them behind one another.
final class KnownSorter {
  /*
   * A partition is read into memory. What is sorted is one long for each entry: the bits of its position that vary
   * within the partition in front, its number behind; the few that tie are settled by what they hold. A partition
   * that is too large, since most keys share a hash tag, is read several times, each time for a part of its range.
   */
  private static final int MOST_ENTRIES = 1 << 22;
  private static final int VARYING_BITS = Long.SIZE - KnownLog.PARTITION_BITS;
  private static final int OUT_BYTES = 1 << 20;

  /// Reads all entries of a partition.
  @FunctionalInterface
  interface Source {
    void read(KnownLog.EntryConsumer consumer) throws IOException;
  }

  private final FileChannel out;
  private final int mostEntries;
  private final ByteBuffer written =
      ByteBuffer.allocateDirect(OUT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private ByteBuffer entries =
      ByteBuffer.allocateDirect(KnownLog.CHUNK_ENTRIES * KnownFile.ENTRY_BYTES)
          .order(ByteOrder.LITTLE_ENDIAN);
  private long[] order = new long[0];
  private int count;
  private long writtenBytes;

  KnownSorter(FileChannel out) {
    this(out, MOST_ENTRIES);
  }

  /// @param mostEntries how many are sorted at once, if their positions differ enough
  KnownSorter(FileChannel out, int mostEntries) {
    this.out = out;
    this.mostEntries = mostEntries;
  }

  /// Sorts a partition and writes it.
  void sort(Source partition) throws IOException {
    sort(partition, 0, VARYING_BITS);
  }

  /// Sorts those entries whose varying bits begin with `prefix`, of which `freeBits` are left.
  private void sort(Source partition, long prefix, int freeBits) throws IOException {
    long[] found = new long[1];
    partition.read((chunk, number) -> {
      for (int i = 0; i < number; i++) {
        found[0] += matches(chunk, i, prefix, freeBits) ? 1 : 0;
      }
    });
    if (found[0] > mostEntries && freeBits > 0) {
      sort(partition, prefix << 1, freeBits - 1);
      sort(partition, prefix << 1 | 1, freeBits - 1);
      return;
    }
    count = 0;
    makeRoom(Math.toIntExact(found[0]));
    partition.read((chunk, number) -> {
      for (int i = 0; i < number; i++) {
        if (matches(chunk, i, prefix, freeBits)) {
          int from = i * KnownFile.ENTRY_BYTES;
          entries.put(count++ * KnownFile.ENTRY_BYTES, chunk, from, KnownFile.ENTRY_BYTES);
        }
      }
    });
    sortEntries(freeBits);
    for (int i = 0; i < count; i++) {
      write(entry(order[i]));
    }
  }

  private static boolean matches(ByteBuffer chunk, int entry, long prefix, int freeBits) {
    long varying = chunk.getLong(entry * KnownFile.ENTRY_BYTES) << KnownLog.PARTITION_BITS;
    return freeBits == VARYING_BITS || varying >>> KnownLog.PARTITION_BITS >>> freeBits == prefix;
  }

  private void makeRoom(int wanted) {
    int bytes = Math.multiplyExact(wanted, KnownFile.ENTRY_BYTES);
    if (bytes > entries.capacity()) {
      entries = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    if (wanted > order.length) {
      order = new long[wanted];
    }
  }

  private void sortEntries(int freeBits) {
    int numberBits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(count));
    int fixedBits = Long.SIZE - freeBits;
    for (int i = 0; i < count; i++) {
      // The sort is signed, what is sorted is not.
      long varying = freeBits == 0 ? 0 : entries.getLong(i * KnownFile.ENTRY_BYTES) << fixedBits;
      order[i] = (varying >>> numberBits << numberBits | i) ^ Long.MIN_VALUE;
    }
    Arrays.sort(order, 0, count);
    for (int i = 0; i < count; i++) {
      order[i] = (order[i] ^ Long.MIN_VALUE) & ((1L << numberBits) - 1);
    }
    settleTies();
  }

  /// Puts right those whose first bits were equal; they stand beside each other.
  private void settleTies() {
    for (int i = 1; i < count; i++) {
      long moving = order[i];
      int to = i;
      while (to > 0 && compare(order[to - 1], moving) > 0) {
        order[to] = order[to - 1];
        to--;
      }
      order[to] = moving;
    }
  }

  private int compare(long one, long other) {
    int first = entry(one);
    int second = entry(other);
    int result = Long.compareUnsigned(entries.getLong(first), entries.getLong(second));
    return result != 0
        ? result
        : Long.compareUnsigned(entries.getLong(first + 8), entries.getLong(second + 8));
  }

  private static int entry(long number) {
    return (int) number * KnownFile.ENTRY_BYTES;
  }

  private void write(int from) throws IOException {
    if (written.remaining() < KnownFile.ENTRY_BYTES) {
      flush();
    }
    written.put(written.position(), entries, from, KnownFile.ENTRY_BYTES);
    written.position(written.position() + KnownFile.ENTRY_BYTES);
  }

  /// Writes what is left.
  void flush() throws IOException {
    written.flip();
    while (written.hasRemaining()) {
      writtenBytes += out.write(written, writtenBytes);
    }
    written.clear();
  }
}
