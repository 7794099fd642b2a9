package io.ringkeep.probe;

import io.ringkeep.repository.Repository;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.LongSupplier;

/// What a place takes and gives: a few objects written, read back and deleted.
///
/// @param writeBytesPerSecond until an object counts
/// @param readBytesPerSecond of whole objects
/// @param roundTrip of the smallest read, the fastest of some
/// @param freeBytes empty where the place does not tell
public record PlaceProbe(
    long writeBytesPerSecond, long readBytesPerSecond, Duration roundTrip, OptionalLong freeBytes) {
  /*
   * Objects are written one after the other for two seconds or 64 MiB, whichever is less, and read back for as long.
   * Bytes are drawn, so that nothing on the way makes them fewer. A local folder is read from the page cache: its
   * figure is that of the write, since the lower of the two counts.
   */
  private static final int OBJECT_BYTES = 8 << 20;
  private static final int PART_BYTES = 1 << 20;
  private static final int MOST_OBJECTS = 8;
  private static final long MOST_NANOS = 2_000_000_000L;
  private static final int PINGS = 5;

  /// The slower of both directions.
  public long bytesPerSecond() {
    return Math.min(writeBytesPerSecond, readBytesPerSecond);
  }

  /// Measures a place.
  ///
  /// @throws IOException if it can't be reached, or takes nothing
  public static PlaceProbe of(ObjectStore store, LongSupplier nanoTime) throws IOException {
    List<String> keys = new ArrayList<>();
    try {
      ByteBuffer content = content();
      long start = nanoTime.getAsLong();
      long wrote = start;
      while (keys.size() < MOST_OBJECTS && wrote - start < MOST_NANOS) {
        String key = Repository.PROBE + UUID.randomUUID();
        keys.add(key);
        write(store, key, content);
        wrote = nanoTime.getAsLong();
      }
      long written = (long) keys.size() * OBJECT_BYTES;
      Duration roundTrip = roundTrip(store, keys.getFirst(), nanoTime);
      long readStart = nanoTime.getAsLong();
      long read = 0;
      long now = readStart;
      for (int i = 0; i < keys.size() && now - readStart < MOST_NANOS; i++) {
        read += store.read(keys.get(i)).remaining();
        now = nanoTime.getAsLong();
      }
      return new PlaceProbe(
          rate(written, wrote - start), rate(read, now - readStart), roundTrip, store.freeBytes());
    } finally {
      for (String key : keys) {
        store.delete(key);
      }
    }
  }

  private static void write(ObjectStore store, String key, ByteBuffer content) throws IOException {
    try (ObjectUpload upload = store.upload(key)) {
      for (int at = 0; at < OBJECT_BYTES; at += PART_BYTES) {
        upload.write(content.slice(at, PART_BYTES));
      }
      upload.commit();
    }
  }

  private static Duration roundTrip(ObjectStore store, String key, LongSupplier nanoTime)
      throws IOException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < PINGS; i++) {
      long start = nanoTime.getAsLong();
      store.read(key, 0, ByteBuffer.allocateDirect(1));
      least = Math.min(least, nanoTime.getAsLong() - start);
    }
    return Duration.ofNanos(least);
  }

  private static ByteBuffer content() {
    ByteBuffer content = ByteBuffer.allocateDirect(OBJECT_BYTES);
    SplittableRandom random = new SplittableRandom(OBJECT_BYTES);
    while (content.hasRemaining()) {
      content.putLong(random.nextLong());
    }
    return content.flip();
  }

  private static long rate(long bytes, long nanos) {
    return Math.max(1, (long) (bytes * 1e9 / Math.max(1, nanos)));
  }
}
