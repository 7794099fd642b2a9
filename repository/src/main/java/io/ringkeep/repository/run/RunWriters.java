package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.repository.known.Comparison;
import io.ringkeep.repository.known.KnownLog;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
  private final Supplier<RecordHasher> hashers;
  private volatile boolean foundTwice;

  // Guarded by `this`.
  private Optional<Comparison> comparison = Optional.empty();
  private Optional<RunFeed> changes = Optional.empty();
  private Optional<KnownLog> known = Optional.empty();
  private final List<RunDescriptor> finishedRuns = new ArrayList<>();
  private SlotSums finishedSums = new SlotSums();
  private ContentCounter finishedCounter;

  /// Nothing is written yet.
  ///
  /// @param directory where runs lie, ending in a slash
  /// @param snapshot id, which begins the runs' names
  /// @param start of the capture
  /// @param hashers make what hashes keys, one for each shard
  /// @param announce is told the name of each object before it is begun; what it throws ends the
  ///   run
  public RunWriters(
      SealedObjects objects,
      String directory,
      String snapshot,
      Instant start,
      WriteOptions options,
      Supplier<RecordHasher> hashers,
      Consumer<String> announce) {
    this.directory = directory;
    this.hashers = hashers;
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

  /// Compares all shards that are begun from now on with the records of the snapshot before: only
  /// changes become runs.
  public synchronized void compareWith(Comparison with) {
    comparison = Optional.of(with);
    changes = Optional.of(new RunFeed(this));
  }

  /// Keeps what the records of all shards that are begun from now on are known by.
  public synchronized void remember(KnownLog log) {
    known = Optional.of(log);
  }

  /// Begins a shard.
  public synchronized ShardWriter shard() {
    return new ShardWriter(this, changes);
  }

  synchronized Optional<Comparison> comparison() {
    return comparison;
  }

  synchronized Optional<KnownLog> known() {
    return known;
  }

  RecordHasher hasher() {
    return hashers.get();
  }

  /// Takes note that a key of the snapshot before was captured more than once.
  void foundTwice() {
    foundTwice = true;
  }

  /// True if a key of the snapshot before was captured more than once.
  public boolean hasFoundTwice() {
    return foundTwice;
  }

  ChunkPool pool() {
    return pool;
  }

  ContentCounter counter() {
    return new ContentCounter(start);
  }

  /// Writes a run in the background; the sorter's memory is given back in any case.
  Future<RunDescriptor> submit(RunFeed feed, RunSorter sorter, RunSums sums) {
    String id = nextId();
    return executor.submit(() -> {
      try {
        if (feed.stopped()) {
          throw new IOException("the shard was given up: run=" + id);
        }
        return with(writer -> writer.write(directory, id, sorter, sums));
      } catch (Throwable e) {
        feed.stop();
        throw e;
      } finally {
        sorter.release();
      }
    });
  }

  /// Writes a run of one record in the caller's thread.
  RunDescriptor writeAlone(long position, Record record, RunSums sums) throws IOException {
    String id = nextId();
    return with(writer -> writer.write(directory, id, position, record, sums));
  }

  private String nextId() {
    return String.format(Locale.ROOT, "%s-%04d", snapshot, runs.getAndIncrement());
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
  public ShardContents finished() {
    return finished(List.of());
  }

  /// What all finished shards left, on top of the runs of the snapshot they were compared with.
  public synchronized ShardContents finished(List<RunDescriptor> below) {
    List<RunDescriptor> all = new ArrayList<>(below);
    all.addAll(finishedRuns);
    return new ShardContents(all, finishedCounter.contents(all), finishedSums);
  }

  private synchronized RunFeed changes() {
    return changes.orElseThrow(() -> new IllegalStateException("nothing is compared"));
  }

  /// Notes the keys of the snapshot before that did not come again, and writes the changes of all
  /// shards. All shards have ended.
  ///
  /// @param runs of the snapshot before, oldest first
  /// @throws CorruptData if the snapshot before cannot be read; nothing more may be compared with
  ///   it
  public void finishChanges(List<StoredRun> runs, RunReaders readers) throws IOException {
    RunFeed feed = changes();
    Departures.note(comparison().orElseThrow(), runs, readers, hasher(), feed);
    List<RunDescriptor> written = feed.finish();
    synchronized (this) {
      finishedRuns.addAll(written);
    }
  }

  /// What all changes together change in the slots' digests.
  public SlotSums changeSums() {
    return changes().total();
  }

  /// Number of records that changed or are new.
  public long changed() {
    return changes().records();
  }

  /// Number of keys that are gone.
  public long removed() {
    return changes().tombstones();
  }

  /// Gives up what finished shards left: it is part of the snapshot no longer.
  ///
  /// @param with what shards are compared with from now on
  public synchronized void startOver(Optional<Comparison> with) {
    finishedRuns.clear();
    finishedSums = new SlotSums();
    finishedCounter = counter();
    foundTwice = false;
    changes.ifPresent(RunFeed::close);
    comparison = with;
    changes = with.map(_ -> new RunFeed(this));
    known.ifPresent(KnownLog::startOver);
  }

  /// Frees memory and threads.
  @Override
  public void close() {
    startOver(Optional.empty());
    executor.close();
    writers.forEach(RunWriter::close);
    pool.close();
  }

  @FunctionalInterface
  private interface Work {
    RunDescriptor run(RunWriter writer) throws IOException;
  }
}
