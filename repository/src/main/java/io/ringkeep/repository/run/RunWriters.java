package io.ringkeep.repository.run;

import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// What the shards of one snapshot share while they are captured: the memory budget, the threads
/// that sort and write, the names of runs.
///
/// Thread-safe. Every [ShardWriter] must be closed before this is.
public final class RunWriters implements AutoCloseable {
  /*
   * Sorting and compressing keep a processor busy for half a second at a time, which a virtual thread must not: it
   * would starve the captures that share its carrier. Hence a few platform threads, each with a RunWriter's buffers.
   */
  private final String directory;
  private final String snapshot;
  private final Instant start;
  private final ChunkPool pool;
  private final ExecutorService executor;
  private final List<RunWriter> writers = new ArrayList<>();
  private final BlockingQueue<RunWriter> idle = new LinkedBlockingQueue<>();
  private final AtomicInteger runs = new AtomicInteger();

  // Guarded by `this`.
  private final List<RunDescriptor> finishedRuns = new ArrayList<>();
  private SlotSums finishedSums = new SlotSums();
  private ContentCounter finishedCounter;

  /// Nothing is written yet.
  ///
  /// @param directory where runs lie, ending in a slash
  /// @param snapshot id, which begins the runs' names
  /// @param start of the capture
  /// @param announce is told the name of each object before it is begun; what it throws ends the
  ///   run
  public RunWriters(
      SealedObjects objects,
      String directory,
      String snapshot,
      Instant start,
      WriteOptions options,
      Consumer<String> announce) {
    this.directory = directory;
    this.snapshot = snapshot;
    this.start = start;
    finishedCounter = counter();
    pool = new ChunkPool(options.memoryBytes());
    executor =
        Executors.newFixedThreadPool(
            options.threads(),
            Thread.ofPlatform().daemon().name("ringkeep-run-writer-", 0).factory());
    for (int i = 0; i < options.threads(); i++) {
      writers.add(
          new RunWriter(objects, options.compressionLevel(), options.objectBytes(), announce));
    }
    idle.addAll(writers);
  }

  /// Begins a shard.
  public ShardWriter shard() {
    return new ShardWriter(this);
  }

  ChunkPool pool() {
    return pool;
  }

  ContentCounter counter() {
    return new ContentCounter(start);
  }

  /// Writes a run in the background; the sorter's memory is given back in any case.
  Future<RunDescriptor> submit(ShardWriter shard, RunSorter sorter, SlotSums sums) {
    String id = nextId();
    return executor.submit(() -> {
      try {
        if (shard.stopped()) {
          throw new IOException("the shard was given up: run=" + id);
        }
        return with(writer -> writer.write(directory, id, sorter, sums));
      } catch (Throwable e) {
        shard.stop();
        throw e;
      } finally {
        sorter.release();
      }
    });
  }

  /// Writes a run of one record in the caller's thread.
  RunDescriptor writeAlone(long position, Record record, SlotSums sums) throws IOException {
    String id = nextId();
    return with(writer -> writer.write(directory, id, position, record, sums));
  }

  private String nextId() {
    return "%s-%04d".formatted(snapshot, runs.getAndIncrement());
  }

  private RunDescriptor with(Work work) throws IOException {
    RunWriter writer;
    try {
      writer = idle.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a writer");
    }
    try {
      return work.run(writer);
    } finally {
      idle.add(writer);
    }
  }

  /// Makes a finished shard part of the snapshot.
  synchronized void add(ShardContents shard, ContentCounter counted) {
    finishedRuns.addAll(shard.runs());
    finishedSums.add(shard.sums());
    finishedCounter.add(counted);
  }

  /// What all finished shards left.
  public synchronized ShardContents finished() {
    return new ShardContents(finishedRuns, finishedCounter.contents(finishedRuns), finishedSums);
  }

  /// Gives up what finished shards left: it is part of the snapshot no longer.
  public synchronized void startOver() {
    finishedRuns.clear();
    finishedSums = new SlotSums();
    finishedCounter = counter();
  }

  /// Frees memory and threads.
  @Override
  public void close() {
    executor.close();
    writers.forEach(RunWriter::close);
    pool.close();
  }

  @FunctionalInterface
  private interface Work {
    RunDescriptor run(RunWriter writer) throws IOException;
  }
}
