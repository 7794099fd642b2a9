package io.ringkeep.probe;

import io.ringkeep.repository.Repository;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.Closeable;
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
/// @param readBytesPerSecond of objects, or of as much of them as there was time for
/// @param roundTrip of the smallest read, the fastest of some
/// @param freeBytes empty where the place does not tell
public record PlaceProbe(
    long writeBytesPerSecond, long readBytesPerSecond, Duration roundTrip, OptionalLong freeBytes) {
  /*
   * Objects are written one after the other for two seconds or 64 MiB, whichever is less, and read back for as long. The first
   * one is small, and no other is larger than what the time that is left is enough for, as fast as it has gone so far: a
   * slow place takes seconds, too. Bytes are drawn, so that nothing on the way makes them fewer. A local folder is read from
   * the page cache: its figure is that of the write, since the lower of the two counts.
   */
  private static final int MOST_OBJECT_BYTES = 8 << 20;
  private static final int LEAST_OBJECT_BYTES = 64 << 10;
  private static final int PART_BYTES = 1 << 20;
  private static final int MOST_OBJECTS = 9;
  private static final long MOST_NANOS = 2_000_000_000L;
  private static final int PINGS = 5;

  /// An object that was begun.
  private record Written(String key, int bytes) {}

  /// Bytes moved since the clock was started, which says how many more there is time for.
  private static final class Pace {
    private final LongSupplier nanoTime;
    private final long start;
    private long bytes;

    Pace(LongSupplier nanoTime) {
      this.nanoTime = nanoTime;
      this.start = nanoTime.getAsLong();
    }

    void moved(long more) {
      bytes += more;
    }

    private long nanos() {
      return Math.max(1, nanoTime.getAsLong() - start);
    }

    /// 0 when the time is over.
    int next() {
      if (bytes == 0) {
        return LEAST_OBJECT_BYTES;
      }
      long nanos = nanos();
      double fits = (double) bytes / nanos * (MOST_NANOS - nanos);
      return nanos >= MOST_NANOS
          ? 0
          : (int) Math.clamp(fits, LEAST_OBJECT_BYTES, MOST_OBJECT_BYTES);
    }

    long bytesPerSecond() {
      return Math.max(1, (long) (bytes * 1e9 / nanos()));
    }
  }

  /// Deletes all that it can; what went wrong with one leaves no other there.
  private record Traces(ObjectStore store, List<Written> objects) implements Closeable {
    @Override
    public void close() throws IOException {
      IOException failure = null;
      for (Written object : objects) {
        try {
          store.delete(object.key());
        } catch (IOException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }

  /// The slower of both directions.
  public long bytesPerSecond() {
    return Math.min(writeBytesPerSecond, readBytesPerSecond);
  }

  /// Measures a place.
  ///
  /// @throws IOException if it can't be reached, or takes nothing
  public static PlaceProbe of(ObjectStore store, LongSupplier nanoTime) throws IOException {
    List<Written> objects = new ArrayList<>();
    try (Traces traces = new Traces(store, objects)) {
      ByteBuffer content = content();
      Pace writing = new Pace(nanoTime);
      for (int bytes = writing.next(); bytes > 0; bytes = writing.next()) {
        if (objects.size() == MOST_OBJECTS) {
          break;
        }
        Written object = new Written(Repository.PROBE + UUID.randomUUID(), bytes);
        objects.add(object);
        write(store, object, content);
        writing.moved(bytes);
      }
      long written = writing.bytesPerSecond();
      Duration roundTrip = roundTrip(store, traces.objects().getFirst().key(), nanoTime);
      return new PlaceProbe(written, read(store, objects, nanoTime), roundTrip, store.freeBytes());
    }
  }

  private static void write(ObjectStore store, Written object, ByteBuffer content)
      throws IOException {
    try (ObjectUpload upload = store.upload(object.key())) {
      for (int at = 0; at < object.bytes(); at += PART_BYTES) {
        upload.write(content.slice(at, Math.min(PART_BYTES, object.bytes() - at)));
      }
      upload.commit();
    }
  }

  private static long read(ObjectStore store, List<Written> objects, LongSupplier nanoTime)
      throws IOException {
    ByteBuffer into = ByteBuffer.allocateDirect(MOST_OBJECT_BYTES);
    Pace reading = new Pace(nanoTime);
    for (Written object : objects) {
      int bytes = Math.min(object.bytes(), reading.next());
      if (bytes == 0) {
        break;
      }
      store.read(object.key(), 0, into.slice(0, bytes));
      reading.moved(bytes);
    }
    return reading.bytesPerSecond();
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
    ByteBuffer content = ByteBuffer.allocateDirect(MOST_OBJECT_BYTES);
    SplittableRandom random = new SplittableRandom(MOST_OBJECT_BYTES);
    while (content.hasRemaining()) {
      content.putLong(random.nextLong());
    }
    return content.flip();
  }
}
