package io.ringkeep.recover;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.Segment;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/// Brings a target to a moment.
public final class Recovery {
  private Recovery() {}

  /// Finds the cuts and decides how the target gets there; touches nothing.
  ///
  /// One shard goes to a target that may be made a replica straight: its base, then its log. All
  /// else is rolled forward in servers of our own, and what they hold is restored as a snapshot is.
  ///
  /// @param request for the base; which snapshot that is is decided here
  /// @param timelines of the logs that the moment is looked for on
  /// @param engine program of the servers of our own; searched for if absent
  /// @throws NotFound if there is no log, or the moment is not in it
  /// @throws io.ringkeep.model.BackupException.HistoryGap if it lies where bytes are missing
  /// @throws TargetRefused if the target can't load the base, or is older than the source
  public static RecoveryPlan plan(
      RestoreRequest request,
      RecoveryTarget target,
      Timelines timelines,
      Optional<Path> engine,
      Repository repository,
      Clock clock)
      throws IOException, InterruptedException {
    if (request.options().partial()) {
      throw new InvalidRequest(
          "a moment is restored from what is whole", "leave --to or the option for losses out");
    }
    if (!request.snapshot().equals(SnapshotCatalog.LATEST)) {
      throw new InvalidRequest(
          "a moment and a snapshot are named: snapshot=" + request.snapshot(),
          "leave --snapshot or --to out: the log finds its base by itself");
    }
    Moment moment = Moment.find(request.cache(), target, timelines, repository);
    RestorePlan base =
        Restore.plan(
            request.of(moment.cuts().getFirst().cut().base().manifest().id()), repository, clock);
    boolean straight =
        moment.cuts().size() == 1 && moment.map().isEmpty() && base.loader() == Loader.REPLICATION;
    if (straight) {
      requireNewEnough(moment.cuts().getFirst(), base);
    }
    return new RecoveryPlan(
        moment,
        straight ? Optional.empty() : Optional.of(RollForward.engine(moment, engine)),
        base);
  }

  /// A replica passes over what it does not know, and counts on.
  private static void requireNewEnough(ShardCut cut, RestorePlan base) throws IOException {
    Segment last = RollForward.lastSegment(cut);
    EngineVersion there = base.servers().getFirst().facts().engine();
    if (cut.logBytes() > 0 && !RollForward.takes(there, last.engine())) {
      throw new TargetRefused(
          "the target is older than the source, and would pass over what it does not know:"
              + " target=%s source=%s".formatted(there, last.engine()),
          "restore onto %s or newer".formatted(last.engine()));
    }
  }

  /// Does it.
  ///
  /// @throws io.ringkeep.model.BackupException if the repository is damaged, the target fails, or
  ///   it could not apply a command of the log
  /// @throws InterruptedException if the caller is interrupted
  public static RecoveryResult run(
      RecoveryPlan plan, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    if (plan.scratch().isPresent()) {
      return rollForward(plan, plan.scratch().get(), repository, clock, progress);
    }
    // A person may have looked at the plan while an archiver merged what it named.
    try (Lease _ = repository.leases().acquireRead("restore")) {
      ShardCut cut = plan.cuts().getFirst().again();
      LogReplay replay = new LogReplay(cut.log(), cut.cut());
      RestoreResult base =
          Restore.run(plan.base(), Optional.of(replay), repository, clock, progress);
      return new RecoveryResult(plan, base, replay.commands());
    }
  }

  /// Makes a snapshot of the moment in a repository of its own, which is gone afterwards, and
  /// restores that: so every kind of target, choice and proof is there that a restore has.
  private static RecoveryResult rollForward(
      RecoveryPlan plan,
      EngineSearch.Found engine,
      Repository repository,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    RestoreRequest request = plan.base().request();
    try (MomentRepository there =
        MomentRepository.create(plan.cut().base().manifest().storedBytes(), clock)) {
      RollForward.Stored rolled =
          new RollForward(
                  plan.moment(),
                  engine,
                  repository,
                  Deadline.in(request.timeout(), "restore"),
                  clock,
                  progress)
              .store(there.repository(), there.incremental(), /* base= */ false);
      RestoreRequest moment = request.of(rolled.manifest().id());
      Optional<String> undo =
          Restore.keepUndo(
              Restore.plan(moment, there.repository(), clock), repository, clock, progress);
      RestorePlan restore =
          Restore.plan(
              moment.with(moment.options().with(to -> to.undo(false))), there.repository(), clock);
      RestoreResult result = Restore.run(restore, there.repository(), clock, progress);
      return new RecoveryResult(plan, result.warning(undo), rolled.commands());
    }
  }
}
