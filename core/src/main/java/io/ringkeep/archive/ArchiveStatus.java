package io.ringkeep.archive;

import io.ringkeep.repository.log.ArchiverState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a shard's archiver is doing, told by its threads and published by one of them.
final class ArchiveStatus {
  private final String cache;
  private final String shard;

  // All below is guarded by this.
  private String holder = "";
  private String server = "";
  private boolean linked;
  private String linkProblem = "";
  private String storeProblem = "";
  private String timesProblem = "";
  private String baseProblem = "";
  private @Nullable ServerTime latest;
  // Looks at the primary whose offset is not in the repository yet, oldest first.
  private final Deque<ServerTime> waiting = new ArrayDeque<>();
  private long stored;
  private String storedReplid = "";
  private int beginnings;

  ArchiveStatus(String cache, String shard) {
    this.cache = cache;
    this.shard = shard;
  }

  /// Who archives, once the shard's lease is held.
  synchronized void heldBy(String archiver) {
    holder = archiver;
  }

  /// The log begins anew, and needs another base.
  synchronized void begins() {
    beginnings++;
  }

  /// How often it did.
  synchronized int beginnings() {
    return beginnings;
  }

  synchronized boolean isLinked() {
    return linked;
  }

  synchronized void linked(String endpoint) {
    server = endpoint;
    linked = true;
    linkProblem = "";
  }

  /// Nothing is received.
  ///
  /// Takes note of a problem.
  ///
  /// @return whether it is a new one
  synchronized boolean unlinked(String problem) {
    linked = false;
    boolean news = !linkProblem.equals(problem);
    linkProblem = problem;
    return news;
  }

  synchronized void sampled(ServerTime time) {
    latest = time;
    // A server takes another replid when its first replica comes, or after a failover: what was
    // seen of the
    // one before is stored by now, or declared lost.
    waiting.removeIf(before -> !before.replid().equals(time.replid()));
    if (!time.replid().equals(storedReplid) || time.offset() > stored) {
      if (waiting.isEmpty() || waiting.getLast().offset() != time.offset()) {
        waiting.add(time);
      }
    }
  }

  synchronized void stored(String replid, long offset) {
    stored = offset;
    storedReplid = replid;
    storeProblem = "";
    waiting.removeIf(time -> time.replid().equals(replid) && time.offset() <= offset);
  }

  /// Nothing is stored.
  ///
  /// Takes note of a problem.
  ///
  /// @return whether it is a new one
  synchronized boolean notStored(String problem) {
    boolean news = !storeProblem.equals(problem);
    storeProblem = problem;
    return news;
  }

  /// The server does not say what time it is.
  synchronized void timesUnknown(String problem) {
    timesProblem = problem;
  }

  /// What is the matter with the base that the log stands on; empty if nothing is.
  synchronized void base(String problem) {
    baseProblem = problem;
  }

  synchronized Optional<ServerTime> latest() {
    return Optional.ofNullable(latest);
  }

  /// All of it, to be published.
  synchronized ArchiverState state(Instant now, Spool spool, boolean stopped) {
    ServerTime seen = latest;
    long lagMicros =
        seen == null || waiting.isEmpty()
            ? 0
            : Math.max(0, seen.timeMicros() - waiting.getFirst().timeMicros());
    String problem =
        Stream.of(linkProblem, storeProblem, timesProblem, baseProblem)
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse("");
    return new ArchiverState(
        ArchiverState.FORMAT,
        cache,
        shard,
        holder,
        now,
        stopped,
        server,
        linked,
        seen == null ? "" : seen.replid(),
        seen == null ? 0 : seen.offset(),
        seen == null ? Instant.EPOCH : micros(seen.timeMicros()),
        storedReplid,
        stored,
        lagMicros / 1_000,
        spool.sizeBytes(),
        spool.dropped(),
        problem);
  }

  static Instant micros(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }
}
