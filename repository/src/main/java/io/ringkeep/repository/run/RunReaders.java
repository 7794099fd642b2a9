package io.ringkeep.repository.run;

import io.ringkeep.model.RecordHasher;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/// What the cursors of one snapshot share: threads that fetch ahead, and block readers.
///
/// Thread-safe. Every cursor must be closed before this is.
public final class RunReaders implements AutoCloseable {
  private final SealedObjects objects;
  private final ReadOptions options;
  private final ExecutorService executor;
  private final List<BlockReader> readers = new ArrayList<>();
  private final BlockingQueue<BlockReader> idle = new LinkedBlockingQueue<>();

  /// Nothing is fetched yet.
  ///
  /// @param hasher makes the hashers that give records their positions back
  public RunReaders(SealedObjects objects, Supplier<RecordHasher> hasher, ReadOptions options) {
    this.objects = objects;
    this.options = options;
    executor =
        Executors.newFixedThreadPool(
            options.threads(),
            Thread.ofPlatform().daemon().name("ringkeep-run-reader-", 0).factory());
    for (int i = 0; i <= options.threads(); i++) {
      readers.add(new BlockReader(hasher.get()));
    }
    idle.addAll(readers);
  }

  SealedObjects objects() {
    return objects;
  }

  ReadOptions options() {
    return options;
  }

  /// Work that needs a block reader.
  @FunctionalInterface
  interface Work {
    void run(BlockReader reader) throws IOException;
  }

  /// Does the work in the background.
  Future<?> submit(Work work) {
    return executor.submit(() -> {
      with(work);
      return null;
    });
  }

  /// Does the work at once, in the caller's thread.
  void with(Work work) throws IOException {
    BlockReader reader;
    try {
      reader = idle.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a block reader");
    }
    try {
      work.run(reader);
    } finally {
      idle.add(reader);
    }
  }

  @Override
  public void close() {
    executor.close();
    readers.forEach(BlockReader::close);
  }
}
