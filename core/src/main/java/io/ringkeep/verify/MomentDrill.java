package io.ringkeep.verify;

import io.ringkeep.model.SlotDigest;
import io.ringkeep.recover.Moment;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.RollForward;
import io.ringkeep.recover.Timelines;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.ProofRecord;
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// Brings a cache to a moment in servers of our own, reads what they hold, and writes down that it
/// did.
public final class MomentDrill {
  private MomentDrill() {}

  /// A moment that real servers were brought to.
  ///
  /// @param moment that was found
  /// @param proof what was written down
  /// @param rolled from the start until the servers held the moment: the measured RTO of a restore
  ///   that replays the log straight to its target
  /// @param commands that were replayed and change data
  public record Result(Moment moment, ProofRecord proof, Duration rolled, long commands) {}

  /// Rolls forward, reads, and records what was found.
  ///
  /// @param timelines of the logs that the moment is looked for on
  /// @param engine server program; searched for if absent
  /// @throws io.ringkeep.model.BackupException if the moment is not in the log, what it takes is
  ///   damaged, no server program here can load it, or a command could not be applied
  public static Result run(
      String cache,
      RecoveryTarget target,
      Timelines timelines,
      Optional<Path> engine,
      Duration timeout,
      Repository repository,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    Moment moment = Moment.find(cache, target, timelines, repository);
    moment.ambiguities().forEach(progress::note);
    EngineSearch.Found found = RollForward.engine(moment, engine);
    progress.note("rolling forward in %s (%s)".formatted(found.program(), found.version()));
    long startNanos = System.nanoTime();
    RollForward.Held held =
        new RollForward(moment, found, repository, Deadline.in(timeout, "drill"), clock, progress)
            .read();
    SlotDigest total = held.digests().total();
    ProofRecord proof =
        moment.proof(
            total.records(),
            total.toString(),
            found.version().toString(),
            Duration.ofNanos(System.nanoTime() - startNanos),
            clock);
    repository.proofs(cache).add(proof);
    return new Result(moment, proof, held.rolled(), held.commands());
  }
}
