package io.ringkeep.archive;

import io.ringkeep.recover.Moment;
import io.ringkeep.recover.SyntheticBase;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Rolls the newest snapshot forward on this host whenever it has become too old, so that a restore
/// has little log to replay and production never forks for it. Runs on a thread of its own, which
/// may be interrupted.
final class SyntheticTaker {
  private static final Duration LOOKS_EVERY = Duration.ofSeconds(1);
  private static final Duration LONGEST_NAP = Duration.ofMinutes(1);
  private static final Duration RETRY = Duration.ofMinutes(5);

  private final ArchiveRequest request;
  private final Repository repository;
  private final Clock clock;
  private final Progress progress;

  SyntheticTaker(ArchiveRequest request, Repository repository, Clock clock, Progress progress) {
    this.request = request;
    this.repository = repository;
    this.clock = clock;
    this.progress = progress;
  }

  /// Starts it, if such snapshots are wanted.
  Optional<Thread> start() {
    return request
        .synthetic()
        .map(wanted ->
            Thread.ofPlatform().name("archive-synthetic").daemon().start(() -> run(wanted)));
  }

  private void run(ArchiveRequest.Synthetic wanted) {
    try {
      while (true) {
        try {
          Thread.sleep(pause(wanted));
        } catch (RuntimeException | IOException e) {
          if (Thread.currentThread().isInterrupted()) {
            return;
          }
          progress.note("no synthetic base now: " + BaseTaker.words(e));
          Thread.sleep(retry(wanted));
        }
      }
    } catch (InterruptedException e) {
      // This is how it is ended.
    }
  }

  /// Makes one if it is time.
  ///
  /// @return when to look again
  private Duration pause(ArchiveRequest.Synthetic wanted) throws IOException, InterruptedException {
    List<SnapshotReference> snapshots = repository.snapshots(request.base().cache()).references();
    if (snapshots.isEmpty()) {
      return LOOKS_EVERY;
    }
    Duration age = Duration.between(snapshots.getLast().time(), clock.instant());
    Duration left = wanted.every().minus(age);
    if (left.isPositive()) {
      return nap(left);
    }
    Moment newest = Moment.newest(request.base().cache(), repository);
    if (newest.logBytes() == 0) {
      // Nothing was archived since.
      return retry(wanted);
    }
    make(newest, wanted);
    return nap(wanted.every());
  }

  /// How long to sleep at once: a host that slept, or whose clock was set, is noticed.
  static Duration nap(Duration left) {
    return left.compareTo(LONGEST_NAP) < 0 ? left : LONGEST_NAP;
  }

  private static Duration retry(ArchiveRequest.Synthetic wanted) {
    return wanted.every().compareTo(RETRY) < 0 ? wanted.every() : RETRY;
  }

  private void make(Moment newest, ArchiveRequest.Synthetic wanted)
      throws IOException, InterruptedException {
    progress.note("rolling the last snapshot forward");
    SyntheticBase.Result made =
        SyntheticBase.of(
            newest,
            wanted.engine(),
            request.base().incremental(),
            request.base().timeout(),
            repository,
            clock,
            progress);
    progress.note(
        "synthetic base: snapshot=%s records=%d commands=%d digest=%s seconds=%.1f"
            .formatted(
                made.manifest().id(),
                made.proof().records(),
                made.commands(),
                made.proof().digest(),
                made.proof().elapsedMillis() / 1_000.0));
  }
}
