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
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
  /// @param engine program of the servers of our own; searched for if absent
  /// @throws NotFound if there is no log, or the moment is not in it
  /// @throws io.ringkeep.model.BackupException.HistoryGap if it lies where bytes are missing
  /// @throws TargetRefused if the target can't load the base, or is older than the source
  public static RecoveryPlan plan(
      RestoreRequest request,
      RecoveryTarget target,
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
    CacheHistory history = history(request.cache(), repository);
    CacheCuts.Found found = new CacheCuts(history).find(target);
    List<ShardCut> cuts =
        found.cuts().values().stream()
            .map(cut -> new ShardCut(history.shard(cut.shard()).orElseThrow().log(), cut))
            .toList();
    RestorePlan base =
        Restore.plan(request.of(cuts.getFirst().cut().base().manifest().id()), repository, clock);
    boolean straight =
        cuts.size() == 1 && found.map().isEmpty() && base.loader() == Loader.REPLICATION;
    if (straight) {
      requireNewEnough(cuts.getFirst(), base);
    }
    return new RecoveryPlan(
        target,
        cuts,
        found.map(),
        found.time(),
        straight ? Optional.empty() : Optional.of(scratch(cuts, engine)),
        base);
  }

  /// A program that can hold all bases, and knows all commands of the logs.
  static EngineSearch.Found scratch(List<ShardCut> cuts, Optional<Path> engine)
      throws IOException, InterruptedException {
    List<String> sources = new ArrayList<>();
    for (ShardCut cut : cuts) {
      sources.add(lastSegment(cut).engine());
    }
    return EngineSearch.find(
        cuts.stream().map(cut -> cut.cut().base().manifest()).distinct().toList(),
        engine,
        version -> sources.stream().allMatch(source -> takes(version, source)));
  }

  private static CacheHistory history(String cache, Repository repository) throws IOException {
    CacheHistory history = CacheHistory.of(repository, cache);
    if (history.shards().isEmpty()) {
      throw new NotFound(
          "cache has no log: cache=" + cache,
          "only what 'archive' has recorded can be restored to any moment; 'list' shows snapshots");
    }
    return history;
  }

  private static Segment lastSegment(ShardCut cut) throws IOException {
    Marks places = new Marks(cut.log(), cut.cut().stretch());
    return cut.log().segment(cut.cut().stretch().names().get(places.segmentOf(cut.cut().offset())));
  }

  /// A replica passes over what it does not know, and counts on.
  private static void requireNewEnough(ShardCut cut, RestorePlan base) throws IOException {
    Segment last = lastSegment(cut);
    EngineVersion there = base.servers().getFirst().facts().engine();
    if (cut.logBytes() > 0 && !takes(there, last.engine())) {
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
    if (plan.scratch().isPresent()) {
      return rollForward(plan, plan.scratch().get(), repository, clock, progress);
    }
    ShardCut cut = plan.cuts().getFirst();
    LogReplay replay = new LogReplay(cut.log(), cut.cut());
    RestoreResult base = Restore.run(plan.base(), Optional.of(replay), repository, clock, progress);
    return new RecoveryResult(plan, base, replay.commands());
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
    try (MomentRepository there = MomentRepository.create(clock)) {
      RollForward.Result rolled =
          new RollForward(
                  plan.cuts(),
                  plan.map(),
                  moment(plan, clock),
                  engine,
                  repository,
                  Deadline.in(request.timeout(), "restore"),
                  clock,
                  progress)
              .run(request.cache(), there.repository(), there.incremental());
      RestoreRequest moment = request.of(rolled.manifest().id());
      Optional<String> undo =
          Restore.keepUndo(
              Restore.plan(moment, there.repository(), clock), repository, clock, progress);
      RestorePlan restore =
          Restore.plan(moment.with(moment.options().withoutUndo()), there.repository(), clock);
      RestoreResult result = Restore.run(restore, there.repository(), clock, progress);
      return new RecoveryResult(plan, result.warning(undo), rolled.commands());
    }
  }

  /// The time that the snapshot is said to be of.
  private static Instant moment(RecoveryPlan plan, Clock clock) {
    return plan.time()
        .or(() ->
            plan.cuts().stream()
                .flatMap(cut -> cut.cut().executedBy().stream())
                .max(Instant::compareTo))
        .orElseGet(clock::instant);
  }
}
