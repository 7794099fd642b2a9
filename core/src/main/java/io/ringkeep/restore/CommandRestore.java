package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.command.Lens;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.redis.command.LossFinder;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Loads all shards of a target by `RESTORE` at once, and reads them back.
final class CommandRestore {
  /*
   * A primary expires keys while it is loaded and read. So what is compared leaves out, on both sides, whatever
   * expires before a cut a little ahead of now; the expected side is then read from the snapshot a second time.
   * When reading took longer than that, the cut is set further ahead and all is done again.
   */
  private static final Duration FIRST_CUT = Duration.ofMinutes(2);
  private static final int CUT_GROWTH = 4;

  private static final long FREEING_PAUSE_MILLIS = 20;

  /// How often a target is read back whose slots move meanwhile.
  private static final int MOST_PROOFS = 5;

  private final RestorePlan plan;
  private final Consumer<String> left;
  private final Repository repository;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;
  private final TargetSlots slots;

  /// @param left told what could not be put back, by any thread
  CommandRestore(
      RestorePlan plan,
      Consumer<String> left,
      Repository repository,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.plan = plan;
    this.left = left;
    this.repository = repository;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
    this.slots = new TargetSlots(plan, deadline, progress);
  }

  /// Removes what is to be replaced, loads functions and records, reads back.
  Restore.Loaded run() throws IOException, InterruptedException {
    List<Lane> lanes = Lane.of(plan);
    List<BitSet> kept = kept(lanes);
    List<BitSet> held = held(lanes);
    for (TargetServer server : slots.servers()) {
      prepare(server, plan.request().existing() == Existing.REPLACE);
    }
    long startNanos = System.nanoTime();
    CommandLoader loader =
        new CommandLoader(
            plan,
            repository,
            RateLimit.of(plan.request().options().limit()),
            deadline,
            clock,
            progress);
    // A whole target is compared with the stored digests; single keys only with what was read.
    SnapshotFeed.Check check =
        readsBackWhole() ? SnapshotFeed.Check.COUNTS : SnapshotFeed.Check.FINGERPRINTS;
    List<Callable<CommandLoader.Loaded>> loads = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      BitSet leave = (BitSet) kept.get(i).clone();
      leave.or(held.get(i));
      loads.add(() -> loader.load(lane, leave, check));
    }
    List<CommandLoader.Loaded> loaded = Parallel.run("load", loads, deadline);
    SnapshotFeed.Fed fed =
        loaded.stream().map(CommandLoader.Loaded::fed).reduce(SnapshotFeed.Fed::plus).orElseThrow();
    BitSet moved = union(loaded.stream().map(CommandLoader.Loaded::elsewhere));
    moved.or(slots.changed());
    follow(loader, lanes, kept, moved);
    if (plan.request().options().surplus()) {
      Surplus.Found gone = Surplus.delete(plan, slots.servers(), repository, clock);
      progress.note("%d keys that the snapshot does not have are deleted".formatted(gone.keys()));
    }
    Duration load = Duration.ofNanos(System.nanoTime() - startNanos);
    return new Restore.Loaded(fed, load, prove(fed, loader, lanes, kept));
  }

  /// Sends the records of slots that moved to those who serve them now, until none moves on. All of
  /// them, since some may be missing and others have not quite the expiry that they are to have.
  private void follow(CommandLoader loader, List<Lane> lanes, List<BitSet> kept, BitSet moved)
      throws IOException, InterruptedException {
    BitSet left = moved;
    while (!left.isEmpty()) {
      BitSet now = (BitSet) left.clone();
      now.or(moveTo(left));
      List<Callable<BitSet>> loads = new ArrayList<>();
      for (int i = 0; i < lanes.size(); i++) {
        Lane lane = lanes.get(i).to(slots.servers());
        BitSet leave = kept.get(i);
        loads.add(() -> loader.follow(lane, leave, now));
      }
      left = union(Parallel.run("load", loads, deadline).stream());
    }
  }

  /// Waits for slots to arrive, and makes servers ready that were not part of the target before.
  ///
  /// @return slots that have moved
  private BitSet moveTo(BitSet arriving) throws InterruptedException {
    List<TargetServer> before = slots.servers();
    BitSet moved = slots.follow(arriving);
    for (TargetServer server : slots.servers()) {
      if (before.stream().noneMatch(old -> old.shard().id().equals(server.shard().id()))) {
        prepare(server, /* replace= */ false);
      }
    }
    return moved;
  }

  private static BitSet union(Stream<BitSet> sets) {
    BitSet union = new BitSet();
    sets.forEach(union::or);
    return union;
  }

  /// Which records of each lane are not sent, since the target has keys of their names.
  ///
  /// @throws BackupException.TargetRefused if there are any and none may be
  private List<BitSet> kept(List<Lane> lanes) throws IOException, InterruptedException {
    Conflict conflict = plan.request().options().conflict();
    if (conflict == Conflict.REPLACE) {
      return lanes.stream().map(_ -> new BitSet()).toList();
    }
    ConflictScan scan = new ConflictScan(plan, repository, clock);
    List<Callable<ConflictScan.Found>> scans = new ArrayList<>();
    lanes.forEach(lane -> scans.add(() -> scan.scan(lane)));
    List<ConflictScan.Found> found = Parallel.run("conflicts", scans, deadline);
    int existing = found.stream().mapToInt(lane -> lane.existing().cardinality()).sum();
    List<String> examples = found.stream().flatMap(lane -> lane.examples().stream()).toList();
    if (existing > 0 && conflict == Conflict.FAIL) {
      throw new BackupException.TargetRefused(
          "keys are on the target already: keys=%d first=%s".formatted(existing, examples),
          "nothing was changed; --on-conflict skip leaves them, --on-conflict replace replaces"
              + " them");
    }
    if (existing > 0) {
      progress.note(
          "%d keys are on the target already and stay: first=%s".formatted(existing, examples));
    }
    return found.stream().map(ConflictScan.Found::existing).toList();
  }

  /// Which records of each lane the target holds already, where only differences are sent.
  private List<BitSet> held(List<Lane> lanes) throws IOException, InterruptedException {
    if (!plan.request().options().delta()) {
      return lanes.stream().map(_ -> new BitSet()).toList();
    }
    KeyProof proof =
        new KeyProof(plan, repository, /* exactExpiry= */ true, deadline, clock, progress);
    List<Callable<BitSet>> reads = new ArrayList<>();
    lanes.forEach(lane -> reads.add(() -> proof.held(lane)));
    List<BitSet> held = Parallel.run("comparison", reads, deadline);
    progress.note(
        "%d keys are on the target as they are to be"
            .formatted(held.stream().mapToInt(BitSet::cardinality).sum()));
    return held;
  }

  /// @param replace whether what it holds is removed
  private void prepare(TargetServer target, boolean replace) {
    try (ServerConnection server =
        ServerConnection.open(target.shard().primary().endpoint(), plan.request().connection())) {
      Map<String, String> libraries = functions(target);
      if (replace
          && plan.selected().isEmpty()
          && !target.facts().functions().orElse(List.of()).isEmpty()) {
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
      // Last: a library that the target can't take must not leave it without its keys.
      if (replace) {
        empty(server);
      }
    }
  }

  /// Removes all keys and waits until their memory is free, too. In the background, since a server
  /// that frees tens of millions of keys is silent for so long that a cluster or a Sentinel would
  /// take it for dead.
  private void empty(ServerConnection server) {
    server.command("FLUSHALL", "ASYNC");
    while (!server.info("memory").getOrDefault("lazyfree_pending_objects", "0").equals("0")) {
      deadline.check();
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(FREEING_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException.Unavailable(
          "interrupted while the target was emptied", "restore again with --existing replace", e);
    }
  }

  /// Those that are loaded: none where a part is restored, or the target has no functions.
  private Map<String, String> functions(TargetServer target) {
    return plan.selected().isPresent() || !target.facts().engine().hasFunctions()
        ? Map.of()
        : FunctionLibraries.byName(Sidecars.functions(plan.manifest()));
  }

  /// True if the library is there; the plan has made sure that its code is the same.
  private static boolean loaded(TargetServer target, String library) {
    return target.facts().functions().orElse(List.of()).stream()
        .map(ServerFacts.FunctionLibrary::name)
        .anyMatch(library::equals);
  }

  /// True if all of the target is read back and compared with all of the snapshot.
  private boolean readsBackWhole() {
    return plan.request().proof() == Proof.TARGET
        && plan.request().existing() != Existing.MERGE
        && plan.selected().isEmpty();
  }

  private boolean prove(
      SnapshotFeed.Fed fed, CommandLoader loader, List<Lane> lanes, List<BitSet> kept)
      throws IOException, InterruptedException {
    if (plan.request().proof() == Proof.STREAM) {
      return false;
    }
    for (int left = MOST_PROOFS; ; left--) {
      try {
        if (plan.request().existing() == Existing.MERGE) {
          proveKeys(lanes, kept);
        } else {
          proveWhole(fed);
        }
        return true;
      } catch (BackupException.AccessDenied e) {
        progress.note("the target can't be read back: " + e.getMessage());
        TargetProof.checkSnapshotInstead(
            repository, plan.manifest(), plan.slots(), clock, progress);
        return false;
      } catch (BackupException.CorruptData | BackupException.Unavailable e) {
        if (left == 1 || !movedSince(e)) {
          throw e;
        }
        BitSet all = new BitSet(Slot.COUNT);
        all.set(0, Slot.COUNT);
        follow(loader, lanes, kept, moveTo(all));
      }
    }
  }

  /// True if slots moved under a proof that failed: it read keys twice, or not at all.
  private boolean movedSince(BackupException failure) {
    try {
      return slots.moved();
    } catch (BackupException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  private void proveKeys(List<Lane> lanes, List<BitSet> kept)
      throws IOException, InterruptedException {
    boolean moved = slots.followed();
    KeyProof proof =
        new KeyProof(plan, repository, /* exactExpiry= */ !moved, deadline, clock, progress);
    List<Callable<Boolean>> proofs = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = moved ? lanes.get(i).to(slots.servers()) : lanes.get(i);
      BitSet leave = kept.get(i);
      proofs.add(() -> {
        proof.compare(lane, leave);
        return true;
      });
    }
    Parallel.run("proof", proofs, deadline);
  }

  private void proveWhole(SnapshotFeed.Fed fed) throws IOException, InterruptedException {
    boolean asStored =
        plan.selected().isEmpty()
            && plan.crossing().byCommands() == 0
            && !plan.crossing().loses()
            && fed.expired() + fed.expiringWithinHour() == 0
            && !Lens.mayLeaveOutFields(types());
    Duration ahead = FIRST_CUT;
    while (true) {
      long cutMillis = clock.millis() + ahead.toMillis();
      SlotDigests held = readBack(asStored ? Optional.empty() : Optional.of(cutMillis));
      if (clock.millis() < cutMillis) {
        TargetProof.requireEqual(
            plan.manifest(), asStored ? fed.digests() : expected(cutMillis), held);
        return;
      }
      ahead = ahead.multipliedBy(CUT_GROWTH);
    }
  }

  private List<RdbType> types() {
    return plan.manifest().contents().types().stream()
        .map(type -> RdbType.of(RdbVersion.parse(type.version()), type.type()).orElseThrow())
        .toList();
  }

  /// @param cutMillis what expires until then is left out; nothing is if empty
  private SlotDigests readBack(Optional<Long> cutMillis) throws IOException, InterruptedException {
    List<Callable<SlotDigests>> reads = new ArrayList<>();
    for (TargetServer server : slots.servers()) {
      reads.add(() -> {
        SlotDigests held = new SlotDigests();
        TargetProof.read(
            server.shard().primary().endpoint(),
            plan.request().connection(),
            repository.hashKey(),
            deadline,
            clock,
            progress,
            left,
            cutMillis.map(this::sighted),
            held);
        return held;
      });
    }
    SlotDigests sum = new SlotDigests();
    Parallel.run("proof", reads, deadline).forEach(sum::add);
    return sum;
  }

  private Sighted sighted(long cutMillis) {
    return new Sighted(plan.crossing().ability(), cutMillis, repository.hashKey());
  }

  /// Digests of what the target is to hold of the snapshot behind the cut.
  private SlotDigests expected(long cutMillis) throws IOException {
    RecordHasher hasher = new RecordHasher(repository.hashKey());
    RecordFingerprinter fingerprinter = new RecordFingerprinter(repository.hashKey());
    LossFinder losses = new LossFinder(plan.crossing().ability());
    boolean keysAreLost = plan.crossing().losses().keySet().stream().anyMatch(Loss::wholeKey);
    Shaping shaping = plan.shaping(repository.hashKey());
    Sighted sighted = sighted(cutMillis);
    SlotDigests expected = new SlotDigests();
    SnapshotFeed.feed(
        repository,
        plan.manifest(),
        plan.slots(),
        clock,
        SnapshotFeed.Check.COUNTS,
        original -> {
          Record record = shaping.of(original);
          if (record != null
              && !(keysAreLost && losses.losses(record).stream().anyMatch(Loss::wholeKey))) {
            sighted.add(
                hasher.position(record.database(), record.key()),
                fingerprinter.fingerprint(record),
                record,
                expected);
          }
        });
    return expected;
  }
}
