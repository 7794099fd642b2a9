package io.ringkeep.archive;

import io.ringkeep.repository.log.Mark;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Forces the spool to the disk every so often, tells the server so, and notes by when what has
/// come had been executed. Runs on a thread of its own.
final class Flusher {
  /// Beyond this a look at the server's clock is too old to be translated.
  private static final Duration OLDEST_LOOK = Duration.ofSeconds(10);

  private final Spool spool;
  private final Receiver receiver;
  private final ArchiveStatus status;
  private final Stopping stopping;
  private final Duration every;
  private final Progress progress;
  private long durable = -1;
  private long marked = -1;

  Flusher(
      Spool spool,
      Receiver receiver,
      ArchiveStatus status,
      Stopping stopping,
      Duration every,
      Progress progress) {
    this.spool = spool;
    this.receiver = receiver;
    this.status = status;
    this.stopping = stopping;
    this.every = every;
    this.progress = progress;
  }

  /// Flushes until it is told to stop, and once more.
  void run() {
    while (!stopping.requested()) {
      flush();
      stopping.await(every);
    }
    flush();
  }

  private void flush() {
    try {
      if (spool.isFlushed(durable)) {
        return;
      }
      mark();
      durable = spool.flush();
      if (durable >= 0) {
        receiver.acknowledge(durable);
      }
    } catch (IOException e) {
      String problem = "the spool can't be written: " + e.getMessage();
      if (status.notStored(problem)) {
        progress.note(problem + "; what is not on the disk is asked for again");
      }
      // What the disk lost is not in the spool any more.
      receiver.reconnect();
    }
  }

  private void mark() throws IOException {
    Optional<Spool.Reached> reached = spool.reached();
    long nanos = System.nanoTime();
    Optional<ServerTime> look = status.latest();
    if (reached.isEmpty() || look.isEmpty()) {
      return;
    }
    long offset = reached.get().offset();
    ServerTime time = look.get();
    boolean fresh = nanos - time.answeredNanos() < OLDEST_LOOK.toNanos();
    if (fresh && offset > time.offset() && offset != marked) {
      Mark arrival = time.arrival(offset, nanos);
      spool.mark(time.replid(), arrival);
      marked = offset;
    }
  }
}
