package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Position;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// Loads all shards of a target by `RESTORE` at once, and reads them back.
final class CommandRestore {
  /*
   * A primary expires keys while it is loaded and read. So what is compared leaves out, on both sides, whatever
   * expires before a cut a little ahead of now; the expected side is then read from the snapshot a second time.
   * When reading took longer than that, the cut is set further ahead and all is done again.
   */
  private static final Duration FIRST_CUT = Duration.ofMinutes(2);
  private static final int CUT_GROWTH = 4;

  private final RestorePlan plan;
  private final Repository repository;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  CommandRestore(
      RestorePlan plan, Repository repository, Deadline deadline, Clock clock, Progress progress) {
    this.plan = plan;
    this.repository = repository;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// Removes what is to be replaced, loads functions and records, reads back.
  Restore.Loaded run() throws IOException, InterruptedException {
    for (TargetServer server : plan.servers()) {
      prepare(server);
    }
    long startNanos = System.nanoTime();
    CommandLoader loader =
        new CommandLoader(
            repository, plan.manifest(), plan.request().connection(), deadline, clock, progress);
    SnapshotFeed.Check check =
        readsBack() ? SnapshotFeed.Check.COUNTS : SnapshotFeed.Check.FINGERPRINTS;
    List<Callable<SnapshotFeed.Fed>> loads = new ArrayList<>();
    for (TargetServer server : plan.servers()) {
      loads.add(() -> loader.load(server.shard(), check));
    }
    SnapshotFeed.Fed fed =
        Parallel.run("load", loads, deadline).stream().reduce(SnapshotFeed.Fed::plus).orElseThrow();
    Duration load = Duration.ofNanos(System.nanoTime() - startNanos);
    return new Restore.Loaded(fed, load, prove(fed));
  }

  private void prepare(TargetServer target) {
    boolean replace = plan.request().existing() == Existing.REPLACE;
    try (ServerConnection server =
        ServerConnection.open(target.shard().primary().endpoint(), plan.request().connection())) {
      if (replace) {
        server.command("FLUSHALL");
      }
      Map<String, String> libraries = FunctionLibraries.byName(Sidecars.functions(plan.manifest()));
      if (replace && target.facts().functions().isPresent()) {
        server.command("FUNCTION", "FLUSH");
      }
      for (Map.Entry<String, String> library : libraries.entrySet()) {
        if (replace || !loaded(target, library.getKey())) {
          server.command(
              "FUNCTION".getBytes(StandardCharsets.UTF_8),
              "LOAD".getBytes(StandardCharsets.UTF_8),
              library.getValue().getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  /// True if the library is there; the plan has made sure that its code is the same.
  private static boolean loaded(TargetServer target, String library) {
    return target.facts().functions().orElse(List.of()).stream()
        .map(ServerFacts.FunctionLibrary::name)
        .anyMatch(library::equals);
  }

  /// What a merge leaves on the target is not the snapshot, so there is nothing to compare.
  private boolean readsBack() {
    return plan.request().proof() == Proof.TARGET && plan.request().existing() != Existing.MERGE;
  }

  private boolean prove(SnapshotFeed.Fed fed) throws IOException, InterruptedException {
    if (!readsBack()) {
      return false;
    }
    try {
      Duration ahead = FIRST_CUT;
      while (true) {
        long cutMillis = clock.millis() + ahead.toMillis();
        SlotDigests held = readBack(cutMillis);
        if (clock.millis() < cutMillis) {
          boolean nothingExpires = fed.expired() + fed.expiringWithinHour() == 0;
          TargetProof.requireEqual(
              plan.manifest(), nothingExpires ? fed.digests() : expected(cutMillis), held);
          return true;
        }
        ahead = ahead.multipliedBy(CUT_GROWTH);
      }
    } catch (BackupException.AccessDenied e) {
      progress.note("the target can't be read back: " + e.getMessage());
      TargetProof.checkSnapshotInstead(repository, plan.manifest(), clock, progress);
      return false;
    }
  }

  private SlotDigests readBack(long cutMillis) throws IOException, InterruptedException {
    List<Callable<SlotDigests>> reads = new ArrayList<>();
    for (TargetServer server : plan.servers()) {
      reads.add(() -> {
        SlotDigests held = new SlotDigests();
        TargetProof.read(
            server.shard().primary().endpoint(),
            plan.request().connection(),
            repository.hashKey(),
            deadline,
            clock,
            progress,
            cutMillis,
            held);
        return held;
      });
    }
    SlotDigests sum = new SlotDigests();
    Parallel.run("proof", reads, deadline).forEach(sum::add);
    return sum;
  }

  /// Digests of the snapshot's records that expire behind the cut, or never.
  private SlotDigests expected(long cutMillis) throws IOException {
    RecordHasher hasher = new RecordHasher(repository.hashKey());
    RecordFingerprinter fingerprinter = new RecordFingerprinter(repository.hashKey());
    SlotDigests expected = new SlotDigests();
    SnapshotFeed.feed(
        repository,
        plan.manifest(),
        List.of(SlotRange.ALL),
        clock,
        SnapshotFeed.Check.COUNTS,
        record -> {
          if (!record.expiredAt(cutMillis)) {
            expected.add(
                Position.slot(hasher.position(record.database(), record.key())),
                fingerprinter.fingerprint(record));
          }
        });
    return expected;
  }
}
