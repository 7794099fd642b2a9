package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.RunDescriptor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Takes in the records of one shard and writes them as runs.
///
/// Filled by one thread. A run is sorted and written in the background while the next one fills;
/// when the budget is used up, [#accept] waits for it. What is closed without [#finish] leaves
/// nothing in the snapshot.
public final class ShardWriter implements RecordSink, AutoCloseable {
  private final RunWriters writers;
  private final ContentCounter counter;
  private final List<Future<RunDescriptor>> written = new ArrayList<>();
  private final SlotSums total = new SlotSums();
  private RunSorter sorter;
  private SlotSums sums = new SlotSums();
  private boolean closed;
  // Written by the background when a run failed and by close(): no further run is wanted.
  private volatile boolean stopped;

  ShardWriter(RunWriters writers) {
    this.writers = writers;
    counter = writers.counter();
    sorter = new RunSorter(writers.pool());
    writers.pool().shards(1);
  }

  @Override
  public void accept(long position, Fingerprint fingerprint, Record record) throws IOException {
    if (stopped) {
      results();
    }
    if (sorter.add(position, record)) {
      sums.add(Position.slot(position), fingerprint);
    } else {
      acceptInNextRun(position, fingerprint, record);
    }
    counter.count(record);
  }

  private void acceptInNextRun(long position, Fingerprint fingerprint, Record record)
      throws IOException {
    endRun();
    long chunks = RunSorter.chunksFor(writers.pool(), record);
    if (chunks > writers.pool().fairShare()) {
      SlotSums alone = new SlotSums();
      alone.add(Position.slot(position), fingerprint);
      total.add(alone);
      written.add(CompletableFuture.completedFuture(writers.writeAlone(position, record, alone)));
      return;
    }
    sorter.reserve((int) chunks);
    if (!sorter.add(position, record)) {
      throw new IllegalStateException("a record does not fit the memory reserved for it");
    }
    sums.add(Position.slot(position), fingerprint);
  }

  /// Ends the shard: everything that was accepted is durable afterwards and part of the snapshot.
  ///
  /// @throws IOException if anything of it could not be written
  public ShardContents finish() throws IOException {
    if (closed) {
      throw new IllegalStateException("shard was given up or has ended");
    }
    endRun();
    List<RunDescriptor> runs = results();
    ShardContents contents = new ShardContents(runs, counter.contents(runs), total);
    writers.add(contents, counter);
    close();
    return contents;
  }

  /// Gives up what was not finished. Waits until nothing is written any more.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    stopped = true;
    sorter.release();
    boolean interrupted = false;
    for (Future<RunDescriptor> run : written) {
      while (!run.isDone()) {
        try {
          run.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          // accept() or finish() has told of it.
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    writers.pool().shards(-1);
  }

  /// Whether a run of this shard should still be written.
  boolean stopped() {
    return stopped;
  }

  /// Takes note that a run could not be written.
  void stop() {
    stopped = true;
  }

  private void endRun() {
    if (sorter.entries() == 0) {
      return;
    }
    total.add(sums);
    written.add(writers.submit(this, sorter, sums));
    sorter = new RunSorter(writers.pool());
    sums = new SlotSums();
  }

  /// All runs, once they are written.
  private List<RunDescriptor> results() throws IOException {
    List<RunDescriptor> runs = new ArrayList<>();
    for (Future<RunDescriptor> run : written) {
      try {
        runs.add(run.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while runs were written");
      } catch (ExecutionException e) {
        throw failure(e.getCause());
      }
    }
    return runs;
  }

  private static IOException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case IOException e -> e;
      case BackupException e -> throw e;
      case Error e -> throw e;
      case null, default -> throw new IllegalStateException("a run could not be written", cause);
    };
  }
}
