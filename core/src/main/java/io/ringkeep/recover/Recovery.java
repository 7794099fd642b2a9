package io.ringkeep.recover;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.Segment;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Brings a target to a moment: the base by replication, then the log up to the cut, then
/// promotion.
public final class Recovery {
  private Recovery() {}

  /// Finds the cut and decides how the base gets onto the target; touches nothing.
  ///
  /// @param request for the base; which snapshot that is, and how it is loaded, is decided here
  /// @throws NotFound if there is no log, or the moment is not in it
  /// @throws io.ringkeep.model.BackupException.HistoryGap if it lies where bytes are missing
  /// @throws TargetRefused if the target can't load the base, or is older than the source
  public static RecoveryPlan plan(
      RestoreRequest request, RecoveryTarget target, Repository repository, Clock clock)
      throws IOException {
    if (!request.options().wholeAndUnchanged()
        || request.options().delta()
        || request.options().partial()) {
      throw new InvalidRequest(
          "a moment is restored whole and as it was",
          "leave --to out, or the options that choose and change records");
    }
    if (!request.snapshot().equals(SnapshotCatalog.LATEST)) {
      throw new InvalidRequest(
          "a moment and a snapshot are named: snapshot=" + request.snapshot(),
          "leave --snapshot or --to out: the log finds its base by itself");
    }
    if (request.loader() == Loader.RESTORE) {
      throw new InvalidRequest("a log is replayed by replication alone", "leave --loader out");
    }
    ShardHistory history = history(request.cache(), repository);
    Cut cut = new CutFinder(history).find(target);
    RestorePlan base =
        Restore.plan(
            new RestoreRequest(
                request.cache(),
                cut.base().manifest().id(),
                request.target(),
                request.connection(),
                request.existing(),
                Loader.REPLICATION,
                request.proof(),
                request.advertise(),
                request.timeout(),
                request.options()),
            repository,
            clock);
    requireNewEnough(history, cut, base);
    return new RecoveryPlan(target, history.log(), cut, base);
  }

  private static ShardHistory history(String cache, Repository repository) throws IOException {
    List<ShardHistory> histories = ShardHistory.of(repository, cache);
    if (histories.isEmpty()) {
      throw new NotFound(
          "cache has no log: cache=" + cache,
          "only what 'archive' has recorded can be restored to any moment; 'list' shows snapshots");
    }
    return histories.getFirst();
  }

  /// A replica passes over what it does not know, and counts on.
  private static void requireNewEnough(ShardHistory history, Cut cut, RestorePlan base)
      throws IOException {
    Marks places = new Marks(history.log(), cut.stretch());
    Segment last = history.log().segment(cut.stretch().names().get(places.segmentOf(cut.offset())));
    EngineVersion there = base.servers().getFirst().facts().engine();
    if (cut.offset() > cut.base().offset() && !takes(there, last.engine())) {
      throw new TargetRefused(
          "the target is older than the source, and would pass over what it does not know:"
              + " target=%s source=%s".formatted(there, last.engine()),
          "restore onto %s or newer".formatted(last.engine()));
    }
  }

  static boolean takes(EngineVersion target, String source) {
    String[] words = source.split(" ", 2);
    EngineVersion.Product product =
        EngineVersion.Product.valueOf(words[0].toUpperCase(Locale.ROOT));
    EngineVersion version = EngineVersion.parse(product, words[1]);
    return target.product() == product
        ? target.isAtLeast(version.major(), version.minor())
        // Valkey began as Redis 7.2, and knows all of that.
        : target.product() == EngineVersion.Product.VALKEY && !version.isAtLeast(7, 4);
  }

  /// Does it.
  ///
  /// @throws io.ringkeep.model.BackupException if the repository is damaged, the target fails, or
  ///   it could not apply a command of the log
  /// @throws InterruptedException if the caller is interrupted
  public static RecoveryResult run(
      RecoveryPlan plan, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    LogReplay replay = new LogReplay(plan.log(), plan.cut());
    RestoreResult base = Restore.run(plan.base(), Optional.of(replay), repository, clock, progress);
    return new RecoveryResult(plan, base, replay.commands());
  }
}
