package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.FailingStore.LastCall;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.lock.MovableClock;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.repository.manifest.Ledger;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.TestRecords;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GarbageTest {
  private static final boolean FULL = System.getProperty("ringkeep.proof", "").equals("full");
  private static final Duration HOUR = Duration.ofHours(1);

  private final Random random = Seeds.random("GarbageTest");
  private final MovableClock clock = new MovableClock();
  private MemoryStore store = new MemoryStore();
  private Repository repository;
  private TestHistory history;

  @BeforeEach
  void init() throws IOException {
    store = new MemoryStore();
    repository =
        Repository.init(
            store, TestSnapshots.FAST, TestSnapshots.passphrase(TestSnapshots.FAST), clock);
    history = new TestHistory(repository, random);
  }

  private void snapshots(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      history.change(i == 0 ? 200 : 20);
      history.incremental();
    }
  }

  private void forget(List<String> ids) throws IOException {
    if (!ids.isEmpty()) {
      decide(repository, new Decision.Forget(ids));
      history.forgotten(ids);
    }
  }

  private static void decide(Repository through, Decision decision) throws IOException {
    try (Lease lease = through.leases().acquire(TestSnapshots.CACHE, "forget")) {
      through
          .ledger(TestSnapshots.CACHE)
          .append(lease.epoch(), through.clock().instant(), decision);
    }
  }

  /// As `prune` does, where nobody reads.
  private static Garbage prune(Repository through, Duration grace) throws IOException {
    decide(through, new Decision.Fence());
    Garbage garbage = Garbage.find(through, TestSnapshots.CACHE, through.clock().instant(), grace);
    List<ObjectInfo> all = new ArrayList<>(garbage.abandoned());
    all.addAll(garbage.manifests());
    all.addAll(garbage.retired());
    for (ObjectInfo object : all) {
      through.store().delete(object.key());
    }
    return garbage;
  }

  private List<String> objects() throws IOException {
    return store.list("caches/").stream()
        .map(ObjectInfo::key)
        .filter(key -> !key.startsWith(Ledger.directory(TestSnapshots.CACHE)))
        .toList();
  }

  @Test
  void prune_nothingForgotten_deletesNothing() throws IOException {
    snapshots(3);
    List<String> before = objects();
    prune(repository, Duration.ZERO);
    assertThat(objects()).isEqualTo(before);
  }

  @Test
  void prune_snapshotForgotten_freesWhatOnlyItNeededAndNothingElse() throws IOException {
    snapshots(4);
    List<String> ids = history.live();
    history.compact(ids.getLast(), CompactionPlan.WHOLE);
    forget(ids.subList(0, 1));
    Garbage first = prune(repository, Duration.ZERO);
    // The first one, and what the last one was; the runs of the first are the second's, too.
    assertThat(first.freed()).hasSize(2);
    history.checkLive();
    assertThat(first.retired())
        .isNotEmpty()
        .allMatch(object -> object.key().contains("/run/" + ids.getLast() + "-"));
    forget(ids.subList(1, 3));
    Garbage second = prune(repository, Duration.ZERO);
    assertThat(second.retired()).isNotEmpty();
    assertThat(Garbage.bytes(second.manifests()) + Garbage.bytes(second.retired()))
        .isEqualTo(second.freed().stream().mapToLong(Garbage.Freed::bytes).sum());
    history.checkLive();
    assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
    assertThat(store.list(SnapshotObjects.runDirectory(TestSnapshots.CACHE)))
        .allMatch(object -> object.sizeBytes() > 0)
        .hasSize(
            (int)
                SnapshotObjects.of(repository.snapshots(TestSnapshots.CACHE).resolve("latest"))
                    .count());
  }

  @Test
  void prune_withinTheGracePeriod_deletesNothingAndSaysFromWhenItCould() throws IOException {
    snapshots(3);
    forget(history.live().subList(0, 2));
    clock.jump(Duration.ofMinutes(59));
    List<String> before = objects();

    Garbage garbage = prune(repository, HOUR);

    assertThat(objects()).isEqualTo(before);
    assertThat(garbage.waiting()).hasSize(2);
    assertThat(garbage.waiting().getFirst().due())
        .isEqualTo(clock.instant().plus(Duration.ofMinutes(1)));
    clock.jump(Duration.ofMinutes(1));
    assertThat(prune(repository, HOUR).waiting()).isEmpty();
    assertThat(objects()).hasSizeLessThan(before.size());
    history.checkLive();
  }

  @Test
  void prune_clockThatJumpedBack_waitsLongerAndNeverShorter() throws IOException {
    snapshots(2);
    forget(history.live().subList(0, 1));
    clock.jump(Duration.ofDays(-365));
    List<String> before = objects();

    assertThat(prune(repository, HOUR).waiting()).hasSize(1);
    assertThat(objects()).isEqualTo(before);

    // Whoever does not want to wait for the clock says so.
    assertThat(prune(repository, Duration.ZERO).freed()).hasSize(1);
    history.checkLive();
  }

  @Test
  void backup_afterForgetAndBeforePrune_leavesWhatSomeoneMayRead() throws IOException {
    snapshots(2);
    SnapshotReference old = repository.snapshots(TestSnapshots.CACHE).references().getFirst();
    forget(List.of(old.id()));
    history.full();
    assertThat(TestSnapshots.read(repository, repository.snapshots(TestSnapshots.CACHE).read(old)))
        .isNotEmpty();
  }

  @Test
  void prune_damagedManifestOfASnapshot_deletesNothing() throws IOException {
    snapshots(3);
    List<SnapshotReference> references = repository.snapshots(TestSnapshots.CACHE).references();
    forget(List.of(references.getFirst().id()));
    store.delete(references.get(1).manifest().name());
    List<String> before = objects();

    assertThatThrownBy(() -> prune(repository, Duration.ZERO)).isInstanceOf(CorruptData.class);

    assertThat(objects()).isEqualTo(before);
  }

  @Test
  void prune_damagedLedger_deletesNothing() throws IOException {
    snapshots(3);
    forget(history.live().subList(0, 1));
    store.delete(Ledger.directory(TestSnapshots.CACHE) + "0000000000000002.json");
    List<String> before = objects();

    assertThatThrownBy(
            () -> Garbage.find(repository, TestSnapshots.CACHE, clock.instant(), Duration.ZERO))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("0000000000000002");

    assertThat(objects()).isEqualTo(before);
  }

  @Test
  void prune_damagedManifestOfAForgottenSnapshot_countsAllAsBeingRead() throws IOException {
    snapshots(2);
    SnapshotReference old = repository.snapshots(TestSnapshots.CACHE).references().getFirst();
    history.full();
    forget(List.of(old.id()));
    String name = old.manifest().name();
    store.delete(name);
    store.put(name, TestRecords.bytes("damaged"));

    Garbage garbage = Garbage.find(repository, TestSnapshots.CACHE, clock.instant(), Duration.ZERO);

    assertThat(garbage.abandoned()).isEmpty();
    assertThat(garbage.manifests()).extracting(ObjectInfo::key).containsExactly(name);
    assertThatThrownBy(() -> Garbage.find(repository, TestSnapshots.CACHE, clock.instant(), HOUR))
        .isInstanceOf(CorruptData.class);
  }

  @Test
  void prune_allForgotten_leavesTheLedgerAlone() throws IOException {
    snapshots(2);
    forget(history.live());
    prune(repository, Duration.ZERO);
    assertThat(objects()).isEmpty();
    assertThat(history.live()).isEmpty();
    snapshots(1);
    history.checkLive();
  }

  /// Forgets, compacts and prunes through a store that dies at one call after the other.
  @ParameterizedTest
  @EnumSource
  void forgetCompactPrune_killedAtAnyCall_leaveEverySnapshotAsItWas(LastCall lastCall)
      throws IOException {
    int crashes = 0;
    for (int calls = 1; dies(calls, lastCall); calls += FULL ? 1 : random.nextInt(1, 10)) {
      crashes++;
    }
    assertThat(crashes).isGreaterThan(10);
  }

  private boolean dies(int calls, LastCall lastCall) throws IOException {
    init();
    snapshots(4);
    List<String> ids = history.live();
    FailingStore failing = new FailingStore(store, calls, lastCall, /* forEver= */ true);
    @Nullable Lease lease = null;
    try {
      Repository victim =
          Repository.open(failing, TestSnapshots.passphrase(TestSnapshots.FAST), clock);
      lease = victim.leases().acquire(TestSnapshots.CACHE, "maintenance");
      TestHistory.compact(victim, lease, ids.get(2), CompactionPlan.WHOLE);
      victim
          .ledger(TestSnapshots.CACHE)
          .append(lease.epoch(), clock.instant(), new Decision.Forget(ids.subList(0, 2)));
      lease.close();
      lease = null;
      prune(victim, Duration.ZERO);
    } catch (IOException | BackupException e) {
      assertThat(failing.failed()).isTrue();
    }
    if (lease != null) {
      lease.abandon();
    }

    assertThat(history.live()).endsWith(ids.get(2), ids.get(3)).isSubsetOf(ids);
    history.checkLive();
    assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
    forget(ids.subList(0, 3));
    prune(repository, Duration.ZERO);
    history.checkLive();
    assertThat(prune(repository, Duration.ZERO).abandoned()).isEmpty();
    return failing.failed();
  }

  /// Snapshots, full and incremental, that are forgotten, pinned, compacted and pruned in any
  /// order.
  @Test
  void anything_inAnyOrder_everySnapshotThatExistsReadsAsItWasTaken() throws IOException {
    for (int round = 0; round < (FULL ? 40 : 2); round++) {
      init();
      for (int step = 0; step < (FULL ? 150 : 60); step++) {
        act();
        if (step % 6 == 0) {
          history.checkLive();
        }
      }
      history.checkLive();
      prune(repository, Duration.ZERO);
      history.checkLive();
      assertThat(prune(repository, Duration.ZERO).freed()).isEmpty();
    }
  }

  private void act() throws IOException {
    List<String> live = history.live();
    int what = random.nextInt(10);
    if (live.isEmpty() || what < 4) {
      history.change(random.nextInt(60));
      if (random.nextInt(8) == 0) {
        history.full();
      } else {
        history.incremental();
      }
    } else if (what < 6) {
      String id = live.get(random.nextInt(live.size()));
      history.compact(
          id,
          random.nextBoolean()
              ? CompactionPlan.WHOLE
              : CompactionPlan.leaving(
                  random.nextInt(1, 6), repository.snapshots(TestSnapshots.CACHE).resolve(id)));
    } else if (what < 8) {
      forget(live.stream().filter(_ -> random.nextInt(4) == 0).toList());
    } else {
      clock.jump(Duration.ofMinutes(random.nextInt(-20, 90)));
      prune(repository, random.nextBoolean() ? HOUR : Duration.ZERO);
    }
  }
}
