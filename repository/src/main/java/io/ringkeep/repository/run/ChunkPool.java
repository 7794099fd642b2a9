package io.ringkeep.repository.run;

import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// The memory budget of a backup: chunks of equal size off the heap, shared by all shards that are
/// captured at once.
///
/// Thread-safe.
public final class ChunkPool implements AutoCloseable {
  /*
   * A permit stands for a chunk. Permits are handed out in the order asked for, several at once or none, so that two
   * shards cannot each hold half of what both need. A chunk is allocated when it is first used and then goes from
   * shard to shard. The memory is a foreign segment: it counts neither as heap nor against the JVM's limit for direct
   * buffers, and closing the pool returns it at once.
   */
  private static final int MOST_CHUNK_BYTES = 1 << 20;
  private static final int LEAST_CHUNK_BYTES = 4096;
  private static final int CHUNKS_WANTED = 64;

  /// A quarter of the budget in one run leaves room for the next ones while it is written.
  private static final int LEAST_SHARES = 4;

  private final Arena arena = Arena.ofShared();
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private final Semaphore permits;
  private final int chunkBytes;
  private final int chunkCount;
  private int openShards;

  /// A pool of about `budgetBytes`, at least 256 KiB.
  public ChunkPool(long budgetBytes) {
    long wanted = Long.highestOneBit(Math.max(1, budgetBytes / CHUNKS_WANTED));
    chunkBytes = Math.clamp(wanted, LEAST_CHUNK_BYTES, MOST_CHUNK_BYTES);
    chunkCount = Math.clamp(budgetBytes / chunkBytes, CHUNKS_WANTED, Integer.MAX_VALUE);
    permits = new Semaphore(chunkCount, /* fair= */ true);
  }

  /// Size of each chunk, a power of two.
  int chunkBytes() {
    return chunkBytes;
  }

  /// So many shards more, or less, share the pool.
  synchronized void shards(int change) {
    openShards += change;
  }

  /// How many chunks one shard's run may fill before it is written.
  synchronized int fairShare() {
    return Math.max(1, chunkCount / Math.max(LEAST_SHARES, 2 * openShards));
  }

  /// Takes `count` chunks if they are there.
  @Nullable List<ByteBuffer> tryTake(int count) {
    return permits.tryAcquire(count) ? chunks(count) : null;
  }

  /// Takes `count` chunks, at most a fair share, as soon as they are there.
  ///
  /// @throws InterruptedIOException if the thread is interrupted while it waits
  List<ByteBuffer> take(int count) throws InterruptedIOException {
    try {
      permits.acquire(count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for memory");
    }
    return chunks(count);
  }

  /// Gives chunks back.
  void give(Collection<ByteBuffer> chunks) {
    synchronized (this) {
      free.addAll(chunks);
    }
    permits.release(chunks.size());
  }

  private synchronized List<ByteBuffer> chunks(int count) {
    ByteBuffer[] taken = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      ByteBuffer chunk = free.poll();
      taken[i] =
          chunk != null
              ? chunk
              : arena.allocate(chunkBytes, 8).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    return List.of(taken);
  }

  /// Returns the memory. No shard may be using it any more.
  @Override
  public void close() {
    arena.close();
  }
}
