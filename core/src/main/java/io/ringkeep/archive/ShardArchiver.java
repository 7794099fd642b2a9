package io.ringkeep.archive;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.ArchiverStates;
import io.ringkeep.repository.log.LogEnd;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Archives one shard until it is told to stop.
/* Threads, all of them its own: Receiver (socket → spool), Flusher (fsync, acknowledge), Shipper (spool →
 * repository), Sampler (the primary's clock and offset), Merger,
 * and the caller's, which publishes how it goes. They meet in the Spool and in ArchiveStatus.
 */
final class ShardArchiver {
  private static final Duration PUBLISHED_EVERY = Duration.ofSeconds(1);
  static final Duration LAST_WORDS = Duration.ofSeconds(20);

  private final ArchiveRequest request;
  private final Repository repository;
  private final String shard;
  private final ShardFinder finder;
  private final ArchiveStatus status;
  private final ShardLog log;
  private final Clock clock;
  private final Progress progress;
  private final AtomicReference<@Nullable Throwable> fatal = new AtomicReference<>();

  // Once it is open.
  private volatile @Nullable Spool spool;
  private volatile boolean gone;

  ShardArchiver(
      ArchiveRequest request,
      Repository repository,
      String shard,
      ShardFinder finder,
      Clock clock,
      Progress progress) {
    this.request = request;
    this.repository = repository;
    this.shard = shard;
    this.finder = finder;
    this.status = new ArchiveStatus(request.base().cache(), shard);
    this.log = repository.log(request.base().cache(), shard);
    this.clock = clock;
    this.progress = progress;
  }

  /// How it goes.
  ArchiveStatus status() {
    return status;
  }

  /// What it writes.
  ShardLog log() {
    return log;
  }

  /// Whether something may be on this host alone.
  boolean mayHaveUnsent() {
    Spool open = spool;
    return open == null || open.unshippedBytes() > 0;
  }

  /// Its shard is there no more: when it ends, it leaves no spool behind that the log has.
  void gone() {
    gone = true;
  }

  /// Name of the folder of a shard's spool.
  static String folder(Repository repository, String cache, String shard) {
    return "%s-%s-%s".formatted(repository.id(), cache, shard);
  }

  /// Archives.
  ///
  /// @throws BackupException if going on would do harm
  /// @throws InterruptedException always, unless something is thrown before: it ends when it is
  ///   interrupted, with all that it has received on the disk and, if the repository is there, in
  ///   it
  void run() throws IOException, InterruptedException {
    String cache = request.base().cache();
    String resource = "archive-%s-%s".formatted(cache, shard);
    Waiting waiting = new Waiting(repository, progress);
    Lease lease = waiting.lease(resource);
    status.heldBy(lease.holder().toString());
    Stopping stopping = new Stopping();
    Spool here;
    Receiver receiver;
    try {
      here =
          Spool.open(
              request.spool().resolve(folder(repository, cache, shard)), request.spoolBytes());
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
    try {
      Optional<Spool.Reached> stored = waiting.answer(() -> compare(here));
      receiver = new Receiver(request, finder, here, stored, status, stopping, clock, progress);
    } catch (IOException | RuntimeException | InterruptedException e) {
      here.close();
      lease.close();
      throw e;
    }
    spool = here;
    Shipper shipper =
        new Shipper(repository, log, resource, lease, request, here, status, clock, progress);
    List<Thread> threads = new ArrayList<>();
    threads.add(start("receiver", receiver::run));
    threads.add(
        start(
            "flusher",
            new Flusher(here, receiver, status, stopping, request.fsyncEvery(), progress)::run));
    threads.add(
        start(
            "sampler",
            new Sampler(request, finder, here, receiver, status, stopping, progress)::run));
    Thread ships = start("shipper", () -> shipper.run(stopping));
    threads.add(ships);
    Merger merger = new Merger(repository, log, shipper::leads, clock, progress);
    start("merger", () -> merger.run(stopping));
    try {
      publishWhileItGoesWell(here);
    } finally {
      boolean interrupted = Thread.interrupted();
      stopping.request();
      receiver.reconnect();
      for (Thread thread : threads) {
        thread.join(LAST_WORDS);
      }
      if (!ships.isAlive() && fatal.get() == null) {
        shipper.ship();
      }
      shipper.close();
      publish(here, /* stopped= */ true);
      if (gone && here.unshippedBytes() == 0) {
        here.discard();
      }
      here.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Empties a spool that another archiver has left behind: the server may not have any more what
  /// would follow there. The end of a log that is damaged there is the one before.
  ///
  /// @return where the log ends, for a spool that is empty
  private Optional<Spool.Reached> compare(Spool spool) throws IOException {
    while (true) {
      List<Stretch> stretches = log.stretches();
      if (stretches.isEmpty()) {
        return Optional.empty();
      }
      int damaged = log.damaged();
      try {
        LogEnd end = log.end(stretches.getLast());
        if (spool.isBehind(stretches)) {
          progress.note("the log goes further than the spool, which is emptied: shard=" + shard);
          spool.discard();
        }
        return Optional.of(new Spool.Reached(end.replid(), end.offset(), end.state().database()));
      } catch (CorruptData e) {
        if (log.damaged() == damaged) {
          throw e;
        }
        progress.note(
            "the end of the log is damaged, what follows goes on from before it: shard=%s reason=%s"
                .formatted(shard, e.getMessage()));
      }
    }
  }

  private Thread start(String name, Runnable work) {
    return Thread.ofPlatform()
        .name("archive-" + name)
        .daemon()
        .start(() -> {
          try {
            work.run();
          } catch (Throwable e) {
            // Whatever it is, out of memory too: a thread less, and nobody would know.
            fatal.compareAndSet(null, e);
          }
        });
  }

  private void publishWhileItGoesWell(Spool spool) throws InterruptedException {
    while (true) {
      switch (fatal.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
      publish(spool, /* stopped= */ false);
      Thread.sleep(PUBLISHED_EVERY);
    }
  }

  private void publish(Spool spool, boolean stopped) {
    try {
      ArchiverStates.put(repository.store(), status.state(clock.instant(), spool, stopped));
    } catch (IOException e) {
      // The shipper says what is the matter with the repository.
    }
  }
}
