package io.ringkeep.archive;

import io.ringkeep.model.BackupException;
import io.ringkeep.nodes.NodesChangedException;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.Gap;
import io.ringkeep.repository.log.LogEnd;
import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.SegmentName;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Moves what is on the disk from the spool into the repository's log. Runs on a thread of its own.
/* It trusts the repository alone to say where the log ends: after a start, a failure or a lost lease it
 * looks there first. So a segment whose creation was not answered, or that another archiver has written
 * meanwhile, is found and not written again; and what neither has is declared lost.
 */
final class Shipper {
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Repository repository;
  private final ShardLog log;
  private final String resource;
  private final ArchiveRequest request;
  private final Spool spool;
  private final ArchiveStatus status;
  private final Clock clock;
  private final Progress progress;

  private volatile @Nullable Lease lease;
  private @Nullable LogWriter writer;
  // Whether a gap was declared, and the first segment behind it is not known to be stored.
  private boolean begins;

  /// @param lease held by the caller now; this renews and closes it
  Shipper(
      Repository repository,
      ShardLog log,
      String resource,
      Lease lease,
      ArchiveRequest request,
      Spool spool,
      ArchiveStatus status,
      Clock clock,
      Progress progress) {
    this.repository = repository;
    this.log = log;
    this.resource = resource;
    this.lease = lease;
    this.request = request;
    this.spool = spool;
    this.status = status;
    this.clock = clock;
    this.progress = progress;
  }

  /// Ships every so often until it is told to stop.
  ///
  /// @throws BackupException if going on would do harm or no good: the log is damaged, access was
  ///   taken away, or the storage nodes are others now
  void run(Stopping stopping) {
    while (!stopping.requested()) {
      boolean well = ship();
      boolean full = spool.unshippedBytes() >= request.segmentBytes();
      if (!well) {
        stopping.await(RETRY);
      } else if (!full) {
        stopping.await(request.shipEvery());
      }
    }
  }

  /// Ships all there is.
  ///
  /// @return false if the repository is away
  boolean ship() {
    try {
      hold();
      Optional<Spool.Parcel> parcel = spool.next(request.segmentBytes());
      while (parcel.isPresent()) {
        ship(parcel.get());
        parcel = spool.next(request.segmentBytes());
      }
      return true;
    } catch (BackupException.CorruptData | BackupException.AccessDenied e) {
      throw e;
    } catch (NodesChangedException e) {
      throw new BackupException.Unavailable(
          "the storage nodes were changed while this ran",
          "start it again: it goes on from its spool",
          e);
    } catch (IOException | BackupException e) {
      String problem = "the repository can't be written: " + e.getMessage();
      if (status.notStored(problem)) {
        progress.note(problem + "; what comes is kept in the spool");
      }
      forget();
      return false;
    }
  }

  /// Holds the lease, or gets it anew when it could not be renewed in time.
  private void hold() throws IOException {
    Lease held = lease;
    if (held == null) {
      lease = repository.leases().acquire(resource, "archive");
      return;
    }
    try {
      held.check();
    } catch (BackupException e) {
      held.close();
      lease = null;
      throw e;
    }
  }

  private void forget() {
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }

  private void ship(Spool.Parcel parcel) throws IOException {
    LogWriter into = writer == null ? find(parcel) : writer;
    if (into == null) {
      return;
    }
    into = join(into, parcel);
    writer = into;
    try (ReadableByteChannel bytes = spool.read(parcel)) {
      LogEnd end = into.append(parcel.draft(), bytes);
      spool.shipped(parcel.head(), end.offset());
      stored(end);
    }
  }

  /// The log reaches so far. Only now is there a new stretch, if one begins, for a base to stand
  /// on.
  private void stored(LogEnd end) {
    status.stored(end.replid(), end.offset());
    if (begins) {
      begins = false;
      status.begins();
    }
  }

  /// Finds in the repository where the log ends.
  ///
  /// @return null if the parcel, or a part of it, is there already: it is then taken off the spool
  private @Nullable LogWriter find(Spool.Parcel parcel) throws IOException {
    SpoolHead head = parcel.head();
    List<Stretch> stretches = log.stretches();
    for (Stretch stretch : stretches) {
      if (stretch.holds(head.replid(), parcel.start())) {
        long held = endOf(stretch, head.replid());
        if (held > parcel.start()) {
          stored(log.end(stretch));
          spool.shipped(head, held);
          return null;
        }
        if (stretch.end() == parcel.start()) {
          LogEnd end = log.end(stretch);
          stored(end);
          return log.resume(end);
        }
      }
    }
    for (Stretch stretch : stretches) {
      boolean joins =
          stretch.end() == parcel.start() && head.continues().equals(Optional.of(stretch.replid()));
      if (joins) {
        return log.resume(log.end(stretch));
      }
    }
    if (stretches.isEmpty()) {
      return log.begin(
          head.replid(),
          parcel.start(),
          new StreamState(parcel.database(), /* insideTransaction= */ false));
    }
    return log.resume(log.end(stretches.getLast()));
  }

  /// How far a stretch holds a history that it went through: what follows may be another one's.
  private static long endOf(Stretch stretch, String replid) {
    return stretch.names().stream()
        .filter(name -> name.replid().equals(replid))
        .mapToLong(SegmentName::end)
        .max()
        .orElseThrow();
  }

  /// Has the writer go on with a parcel; if it does not join, what is missing is declared first.
  private LogWriter join(LogWriter into, Spool.Parcel parcel) throws IOException {
    SpoolHead head = parcel.head();
    LogEnd end = into.end();
    boolean same =
        end.replid().equals(head.replid()) || head.continues().equals(Optional.of(end.replid()));
    if (same && end.offset() == parcel.start()) {
      into.continueAs(head.replid());
      return into;
    }
    declare(
        new Gap(
            Gap.FORMAT,
            clock.instant(),
            head.reason().orElse(Gap.Reason.SPOOL_FULL),
            end.replid(),
            end.offset(),
            head.replid(),
            parcel.start()));
    begins = true;
    into.close();
    return log.beginBehind(
        head.replid(),
        parcel.start(),
        new StreamState(parcel.database(), /* insideTransaction= */ false));
  }

  /// Unless it is declared already, and what comes behind it could not be stored then.
  private void declare(Gap gap) throws IOException {
    if (log.contents().gaps().stream().noneMatch(gap::isSame)) {
      log.declare(gap);
      progress.note(
          "declared a gap: reason=%s from=%d to=%d"
              .formatted(gap.reason().words(), gap.fromOffset(), gap.toOffset()));
    }
  }

  /// Whether the lease is held, as far as this process knows.
  boolean leads() {
    Lease held = lease;
    if (held == null) {
      return false;
    }
    try {
      held.check();
      return true;
    } catch (BackupException e) {
      return false;
    }
  }

  /// Gives up the lease.
  void close() {
    forget();
    Lease held = lease;
    if (held != null) {
      lease = null;
      held.close();
    }
  }
}
