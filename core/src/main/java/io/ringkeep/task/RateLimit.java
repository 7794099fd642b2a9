package io.ringkeep.task;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// Bytes a second that all shards of an operation share.
public final class RateLimit {
  /*
   * A virtual clock: each read books the time that its bytes take at the limit behind what is booked already, and
   * sleeps until then. Idle time is not saved up for more than a tenth of a second, so there are no bursts.
   */
  private static final long SAVED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int READ_BYTES = 64 * 1024;

  private final long bytesPerSecond;
  private long bookedNanos = System.nanoTime();

  private RateLimit(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /// A limit, or none if it is empty.
  public static RateLimit of(OptionalLong bytesPerSecond) {
    return new RateLimit(bytesPerSecond.orElse(Long.MAX_VALUE));
  }

  /// The same bytes, no faster than the limit; closing it closes `in`.
  public ReadableByteChannel limit(ReadableByteChannel in) {
    if (bytesPerSecond == Long.MAX_VALUE) {
      return in;
    }
    return new ReadableByteChannel() {
      @Override
      public int read(ByteBuffer into) throws IOException {
        int limit = into.limit();
        into.limit(Math.min(limit, into.position() + READ_BYTES));
        int count;
        try {
          count = in.read(into);
        } finally {
          into.limit(limit);
        }
        if (count > 0) {
          await(count);
        }
        return count;
      }

      @Override
      public boolean isOpen() {
        return in.isOpen();
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }

  /// The same for more bytes, where only unchecked exceptions may pass.
  ///
  /// @throws UncheckedIOException if the thread is interrupted meanwhile
  public void spend(long bytes) {
    try {
      await(bytes);
    } catch (InterruptedIOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Waits until so many bytes more may go.
  public void await(long bytes) throws InterruptedIOException {
    if (bytesPerSecond == Long.MAX_VALUE) {
      return;
    }
    long wakeAt;
    synchronized (this) {
      bookedNanos =
          Math.max(bookedNanos, System.nanoTime() - SAVED_NANOS)
              + TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecond;
      wakeAt = bookedNanos;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(wakeAt - System.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while keeping to the rate limit");
    }
  }
}
