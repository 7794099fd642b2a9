package io.ringkeep.archive;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupPlan;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ServerError;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Takes a snapshot where the log of a shard has none to stand on: at first, and behind each gap.
/// Runs on a thread of its own, which may be interrupted.
final class BaseTaker {
  private static final Duration LOOKS_EVERY = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(15);

  private final ArchiveRequest request;
  private final Repository repository;
  private final Supplier<Optional<List<ShardArchiver>>> shards;
  private final Clock clock;
  private final Progress progress;

  /// @param shards those that serve slots; empty while slots are being moved: then a snapshot does
  ///   not say which keys were on which shard
  BaseTaker(
      ArchiveRequest request,
      Repository repository,
      Supplier<Optional<List<ShardArchiver>>> shards,
      Clock clock,
      Progress progress) {
    this.request = request;
    this.repository = repository;
    this.shards = shards;
    this.clock = clock;
    this.progress = progress;
  }

  /// Starts it, if bases are wanted.
  Optional<Thread> start() {
    return request.takeBase()
        ? Optional.of(Thread.ofPlatform().name("archive-base").daemon().start(this::run))
        : Optional.empty();
  }

  /// Sees to it that there is a base until it is interrupted.
  private void run() {
    List<String> seen = List.of();
    try {
      while (true) {
        Thread.sleep(LOOKS_EVERY);
        List<ShardArchiver> there = List.of();
        try {
          there = shards.get().orElse(List.of());
          List<String> beginnings = there.stream().map(BaseTaker::beginnings).toList();
          boolean linked = there.stream().allMatch(one -> one.status().isLinked());
          if (linked && !beginnings.equals(seen) && provide(there)) {
            seen = beginnings;
          }
        } catch (RuntimeException | IOException e) {
          if (Thread.currentThread().isInterrupted()) {
            return;
          }
          String problem = words(e);
          progress.note("no base yet: " + problem);
          there.forEach(one -> one.status().base("the log has no base: " + problem));
          Thread.sleep(RETRY);
        }
      }
    } catch (InterruptedException e) {
      // This is how it is ended.
    }
  }

  /// What went wrong, also if it is a bug, whose message may say nothing.
  static String words(Exception e) {
    boolean expected = e instanceof BackupException || e instanceof ServerError;
    return expected || e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString();
  }

  private static String beginnings(ShardArchiver one) {
    // Behind what is found damaged the log begins anew, too.
    return "%s %d %d".formatted(one.log().shard(), one.status().beginnings(), one.log().damaged());
  }

  /// @return false if nothing is in a log yet that a base could stand on
  private boolean provide(List<ShardArchiver> there) throws IOException, InterruptedException {
    List<Manifest> manifests = repository.snapshots(request.base().cache()).all();
    boolean all = true;
    for (ShardArchiver one : there) {
      List<Stretch> stretches = one.log().stretches();
      if (stretches.isEmpty()) {
        return false;
      }
      all &= manifests.stream().anyMatch(manifest -> standsOn(stretches.getLast(), manifest));
    }
    if (all) {
      // Somebody else has taken it: what hindered this one matters no more.
      there.forEach(one -> one.status().base(""));
      return true;
    }
    progress.note("taking a base for the log");
    BackupPlan plan = Backup.plan(request.base(), repository);
    BackupResult result = Backup.run(plan, repository, clock, progress);
    progress.note("base taken: snapshot=" + result.manifest().id());
    // Such as far fewer records than before: a primary that was restarted empty makes a good base
    // too.
    String warning =
        result.warnings().stream()
            .filter(text -> !plan.warnings().contains(text))
            .findFirst()
            .orElse("");
    there.forEach(one -> one.status().base(warning));
    return all(there, result.manifest());
  }

  private static boolean all(List<ShardArchiver> there, Manifest manifest) throws IOException {
    for (ShardArchiver one : there) {
      ShardLog log = one.log();
      if (!standsOn(log.stretches().getLast(), manifest)) {
        return false;
      }
    }
    return true;
  }

  private static boolean standsOn(Stretch stretch, Manifest manifest) {
    return !Backup.slotsWereMoving(manifest)
        && manifest.shards().stream()
            .anyMatch(shard ->
                stretch.holds(shard.replid(), shard.offset())
                    || (shard.replid().equals(stretch.replid())
                        && shard.offset() >= stretch.start()));
  }
}
