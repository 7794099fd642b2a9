package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.RunDescriptor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Entries that become runs: gathered in the shared budget, sorted and written in the background.
///
/// Filled by one thread at a time. A run is written while the next one fills; when the budget is
/// used up, filling waits for it.
final class RunFeed implements AutoCloseable {
  private final RunWriters writers;
  private final List<Future<RunDescriptor>> written = new ArrayList<>();
  private final SlotSums total = new SlotSums();
  private RunSorter sorter;
  private RunSums sums = new RunSums();
  private long records;
  private long tombstones;
  private boolean closed;
  // Written by the background when a run failed and by close(): no further run is wanted.
  private volatile boolean stopped;

  RunFeed(RunWriters writers) {
    this.writers = writers;
    sorter = new RunSorter(writers.pool());
    writers.pool().shards(1);
  }

  /// Takes a record in.
  ///
  /// @param older fingerprint of the record of an older run that this one replaces
  /// @throws IOException if the store failed, now or while earlier runs were written
  void record(long position, Fingerprint fingerprint, Record record, @Nullable Fingerprint older)
      throws IOException {
    failIfStopped();
    int slot = Position.slot(position);
    records++;
    if (!sorter.add(position, record)) {
      endRun();
      long chunks = RunSorter.chunksFor(writers.pool(), record);
      if (chunks > writers.pool().fairShare()) {
        RunSums alone = new RunSums();
        count(alone, slot, fingerprint, older);
        total.add(alone.changes());
        written.add(CompletableFuture.completedFuture(writers.writeAlone(position, record, alone)));
        return;
      }
      sorter.reserve((int) chunks);
      if (!sorter.add(position, record)) {
        throw new IllegalStateException("a record does not fit the memory reserved for it");
      }
    }
    count(sums, slot, fingerprint, older);
  }

  private static void count(
      RunSums sums, int slot, Fingerprint fingerprint, @Nullable Fingerprint older) {
    sums.add(slot, fingerprint);
    if (older != null) {
      sums.remove(slot, older);
    }
  }

  /// Notes that a key of older runs is gone.
  void tombstone(long position, int database, ByteBuffer key, Fingerprint older)
      throws IOException {
    failIfStopped();
    tombstones++;
    if (!sorter.addTombstone(position, database, key)) {
      endRun();
      sorter.reserve(RunSorter.chunksFor(writers.pool(), key));
      if (!sorter.addTombstone(position, database, key)) {
        throw new IllegalStateException("a tombstone does not fit the memory reserved for it");
      }
    }
    sums.remove(Position.slot(position), older);
  }

  /// Number of records taken in.
  long records() {
    return records;
  }

  /// Number of keys noted as gone.
  long tombstones() {
    return tombstones;
  }

  /// Ends the last run and waits until all are written.
  ///
  /// @throws IOException if one of them could not be
  List<RunDescriptor> finish() throws IOException {
    endRun();
    return results();
  }

  /// What all runs change in the slots' digests.
  SlotSums total() {
    return total;
  }

  /// Gives up what was not written. Waits until nothing is written any more.
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
          // Whoever fills or finishes has been told of it.
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    writers.pool().shards(-1);
  }

  /// Whether a run of this feed should still be written.
  boolean stopped() {
    return stopped;
  }

  /// Takes note that a run could not be written.
  void stop() {
    stopped = true;
  }

  private void failIfStopped() throws IOException {
    if (stopped) {
      results();
      throw new IllegalStateException("was given up");
    }
  }

  private void endRun() {
    if (sorter.entries() == 0) {
      return;
    }
    total.add(sums.changes());
    written.add(writers.submit(this, sorter, sums));
    sorter = new RunSorter(writers.pool());
    sums = new RunSums();
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
