package io.ringkeep.archive;

import io.ringkeep.repository.log.ArchiverState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a shard's archiver is doing, told by its threads and published by one of them.
final class ArchiveStatus {
  /// Each second there should be a look at the primary.
  private static final Duration OLDEST_LOOK = Duration.ofSeconds(10);

  private final String cache;
  private final String shard;
  private final LongSupplier stopwatch;

  // All below is guarded by this.
  private String holder = "";
  private String server = "";
  private boolean linked;
  private String linkProblem = "";
  private String storeProblem = "";
  private String timesProblem = "";
  private String lookProblem = "";
  private long linkedNanos;
  private String baseProblem = "";
  private @Nullable ServerTime latest;
  // Looks at the primary whose offset is not in the repository yet, oldest first.
  private final Deque<ServerTime> waiting = new ArrayDeque<>();
  private long stored;
  private String storedReplid = "";
  private int beginnings;

  ArchiveStatus(String cache, String shard) {
    this(cache, shard, System::nanoTime);
  }

  /// @param stopwatch shows nanoseconds
  ArchiveStatus(String cache, String shard, LongSupplier stopwatch) {
    this.cache = cache;
    this.shard = shard;
    this.stopwatch = stopwatch;
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
    linkedNanos = stopwatch.getAsLong();
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
    lookProblem = "";
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

  /// A look at the primary failed. One matters little; none for long is a problem.
  synchronized void notSampled(String problem) {
    lookProblem = problem;
  }

  /// Without looks nobody knows when what was written, nor how far behind the log is.
  private String blindness() {
    if (!linked) {
      return "";
    }
    long since = linkedNanos;
    ServerTime seen = latest;
    if (seen != null && seen.answeredNanos() - since > 0) {
      since = seen.answeredNanos();
    }
    long seconds = Duration.ofNanos(stopwatch.getAsLong() - since).toSeconds();
    return seconds <= OLDEST_LOOK.toSeconds()
        ? ""
        : "the primary could not be asked for its time for %d seconds%s"
            .formatted(seconds, lookProblem.isEmpty() ? "" : ": " + lookProblem);
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
        Stream.of(linkProblem, storeProblem, timesProblem, blindness(), baseProblem)
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
