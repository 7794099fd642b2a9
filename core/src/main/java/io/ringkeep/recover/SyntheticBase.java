package io.ringkeep.recover;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.Incremental;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofRecord;
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// A new snapshot that costs production nothing: the last one, rolled forward on this host.
///
/// Making it restores the last one into real servers and replays the log there, so it is the proof
/// of a restore as well, and is written down as one.
public final class SyntheticBase {
  private SyntheticBase() {}

  /// A snapshot that was made.
  ///
  /// @param moment that it is of
  /// @param manifest the snapshot
  /// @param proof what was written down
  /// @param commands that were replayed and change data
  public record Result(Moment moment, Manifest manifest, ProofRecord proof, long commands) {}

  /// Makes one of the newest moment that the log has.
  ///
  /// @param engine server program; searched for if absent
  /// @throws io.ringkeep.model.BackupException.NotFound if there is no log with a base
  /// @throws Unavailable if slots are being moved: it could not be a base then
  /// @throws io.ringkeep.model.BackupException if what it takes is damaged, no server program here
  ///   can load it, or a command could not be applied
  public static Result run(
      String cache,
      Optional<Path> engine,
      Incremental incremental,
      Duration timeout,
      Repository repository,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    return of(
        Moment.newest(cache, repository),
        engine,
        incremental,
        timeout,
        repository,
        clock,
        progress);
  }

  /// Makes one of a moment. What is made last is `latest`, so it should be the newest.
  ///
  /// @throws Unavailable as above
  public static Result of(
      Moment moment,
      Optional<Path> engine,
      Incremental incremental,
      Duration timeout,
      Repository repository,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    requireSettled(moment);
    EngineSearch.Found found = RollForward.engine(moment, engine);
    long startNanos = System.nanoTime();
    RollForward.Stored stored =
        new RollForward(
                moment, found, repository, Deadline.in(timeout, "synthetic base"), clock, progress)
            .store(repository, incremental, /* base= */ true);
    Manifest manifest = stored.manifest();
    if (Backup.slotsWereMoving(manifest)) {
      throw new Unavailable(
          "slots had just moved, so this snapshot is no base: snapshot=" + manifest.id(),
          "it restores like any other; make another one when the resharding has ended",
          null);
    }
    ProofRecord proof =
        moment.proof(
            manifest.records(),
            manifest.digest(),
            found.version().toString(),
            Duration.ofNanos(System.nanoTime() - startNanos),
            clock);
    repository.proofs(moment.cache()).add(proof);
    return new Result(moment, manifest, proof, stored.commands());
  }

  private static void requireSettled(Moment moment) {
    if (moment.map().filter(map -> !map.moves().isEmpty()).isPresent()) {
      throw new Unavailable(
          "slots are being moved: a snapshot would not say which keys were on which shard",
          "wait until the resharding has ended",
          null);
    }
  }
}
