package io.ringkeep.archive;

import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.StreamState;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// A file of a spool and what is known of its content. Its spool guards it.
final class SpoolPart {
  final SpoolFile file;
  private final Object forcing = new Object();
  private final Deque<Checkpoint> checkpoints = new ArrayDeque<>();
  private final List<Mark> marks = new ArrayList<>();
  private long shipped;
  private int shippedDatabase;
  private long checked;
  private int checkedDatabase;
  // Set by whoever forces, read by whoever writes.
  private volatile boolean lost;
  private long firstMillis;
  private long lastMillis;
  private long end = Long.MAX_VALUE;

  /// Where a transaction ends, and everything up to there is on the disk.
  private record Checkpoint(long offset, int database, long firstMillis, long lastMillis) {}

  SpoolPart(SpoolFile file) {
    this.file = file;
    this.shipped = file.head().start();
    this.shippedDatabase = file.head().database();
    this.checked = shipped;
    this.checkedDatabase = shippedDatabase;
  }

  /// Waits until everything written before is on the disk.
  ///
  /// @throws IOException if it is not; nothing behind [#checked] is then worth anything, whatever a
  ///   second try would say: a kernel forgets what it could not write
  void force() throws IOException {
    // One after the other: of two that wait at once, only one is told of a failure.
    synchronized (forcing) {
      requireKept();
      try {
        file.force();
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        lost = true;
        throw e;
      }
    }
  }

  /// @throws IOException if something of it was lost
  void requireKept() throws IOException {
    if (lost) {
      throw new IOException("what was written last did not reach the disk");
    }
  }

  /// Whether bytes behind [#checked] may be lost.
  boolean lost() {
    return lost;
  }

  /// Bytes have come.
  void arrived(long millis) {
    if (firstMillis == 0) {
      firstMillis = millis;
    }
    lastMillis = millis;
  }

  /// Everything up to `offset` is on the disk, and a transaction ends there.
  void check(long offset, int database) {
    if (offset > checked && offset <= end) {
      if (offset > shipped) {
        checkpoints.add(new Checkpoint(offset, database, firstMillis, lastMillis));
      } else {
        // Somebody else has stored it.
        shippedDatabase = database;
      }
      checked = offset;
      checkedDatabase = database;
      // What lies behind had come by then.
      firstMillis = file.end() > offset ? lastMillis : 0;
    }
  }

  /// When the last bytes came.
  long lastMillis() {
    return lastMillis;
  }

  void mark(Mark mark) {
    marks.add(mark);
  }

  /// Nothing more belongs to it: the rest stands in the next file, with the marks that it takes.
  ///
  /// @param database at `offset`
  List<Mark> close(long offset, int database) {
    end = offset;
    if (checked > offset) {
      Optional<Checkpoint> beyond =
          checkpoints.stream().filter(checkpoint -> checkpoint.offset() > offset).findFirst();
      checkpoints.removeIf(checkpoint -> checkpoint.offset() > offset);
      checked = checkpoints.isEmpty() ? shipped : checkpoints.getLast().offset();
      if (beyond.isPresent() && offset > checked) {
        checkpoints.add(
            new Checkpoint(
                offset, database, beyond.get().firstMillis(), beyond.get().lastMillis()));
        checked = offset;
      }
    }
    List<Mark> later = marks.stream().filter(mark -> mark.offset() > offset).toList();
    marks.removeAll(later);
    return later;
  }

  /// Everything up to `offset` is in the repository.
  void shipped(long offset) {
    shipped = Math.max(shipped, offset);
    while (!checkpoints.isEmpty() && checkpoints.getFirst().offset() <= shipped) {
      shippedDatabase = checkpoints.removeFirst().database();
    }
    marks.removeIf(mark -> mark.offset() < shipped);
  }

  /// Offset up to which everything is in the repository.
  long shipped() {
    return shipped;
  }

  /// True if it is of no use any more.
  boolean done() {
    return end != Long.MAX_VALUE && shipped >= end;
  }

  /// Offset behind the last byte that may go to the repository.
  long checked() {
    return checked;
  }

  /// Database there.
  int checkedDatabase() {
    return checkedDatabase;
  }

  long unshippedBytes() {
    return Math.max(0, checked - shipped);
  }

  /// The next bytes to ship, up to `mostBytes` if a transaction ends so soon.
  Optional<Spool.Parcel> next(long mostBytes) {
    Checkpoint last = null;
    long first = 0;
    for (Checkpoint checkpoint : checkpoints) {
      if (last != null && checkpoint.offset() - shipped > mostBytes) {
        break;
      }
      first = last == null ? checkpoint.firstMillis() : first;
      last = checkpoint;
    }
    if (last == null) {
      return Optional.empty();
    }
    long until = last.offset();
    List<Mark> inside =
        marks.stream()
            .filter(mark -> mark.offset() >= shipped && mark.offset() <= until)
            .sorted(Comparator.comparingLong(Mark::offset).thenComparingLong(Mark::timeMicros))
            .toList();
    return Optional.of(
        new Spool.Parcel(
            file.head(),
            shipped,
            shippedDatabase,
            new LogWriter.Draft(
                until,
                new StreamState(last.database(), /* insideTransaction= */ false),
                Instant.ofEpochMilli(first),
                Instant.ofEpochMilli(last.lastMillis()),
                file.head().engine(),
                inside)));
  }
}
