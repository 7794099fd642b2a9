package io.ringkeep.repository.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.repository.json.Json;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One process plays several hosts: each has its own directory for locks.
class LeasesTest {
  private static final Duration TTL = Duration.ofSeconds(60);

  private final MemoryStore store = new MemoryStore();
  private final ManualTicker ticker = new ManualTicker();
  private final MovableClock clock = new MovableClock();
  private final Path folder;

  LeasesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Leases host(String name) {
    return host(name, store);
  }

  private Leases host(String name, ObjectStore storeOfHost) {
    HostLocks locks = new HostLocks(folder.resolve(name));
    return new Leases(storeOfHost, clock, new SecureRandom(), ticker, locks, TTL);
  }

  @Test
  void acquire_firstAndAfterRelease_getsGrowingEpochsAtOnce() throws IOException {
    for (long epoch = 1; epoch <= 3; epoch++) {
      Leases host = host(epoch % 2 == 0 ? "even" : "odd");
      try (Lease lease = host.claim("default", "backup")) {
        assertThat(lease.epoch()).isEqualTo(epoch);
        assertThat(lease.holder().pid()).isEqualTo(ProcessHandle.current().pid());
        lease.check();
        lease.confirm();
      }
    }
    assertThat(ticker.slept()).isZero();
    assertThat(store.list("control/lease/default/"))
        .extracting(ObjectInfo::key)
        .as("the chain is never cut")
        .containsExactly(
            "control/lease/default/0000000000000001.json",
            "control/lease/default/0000000000000002.json",
            "control/lease/default/0000000000000003.json");
    assertThat(lockFiles()).isEmpty();
  }

  @Test
  void acquire_otherResource_isFree() throws IOException {
    try (Lease one = host("a").claim("one", "backup");
        Lease two = host("a").claim("two", "backup")) {
      assertThat(one.epoch()).isEqualTo(two.epoch()).isEqualTo(1);
    }
  }

  @Test
  void acquire_heldOnThisHost_namesTheHolderAtOnce() throws IOException {
    try (Lease held = host("a").claim("default", "backup")) {
      assertThatThrownBy(() -> host("a").claim("default", "forget"))
          .isInstanceOf(Locked.class)
          .hasMessage(
              "locked: resource=default host=%s pid=%d purpose=backup since=2026-11-23T06:00:00Z",
              held.holder().host(), ProcessHandle.current().pid());
    }
    assertThat(ticker.slept()).isZero();
  }

  @Test
  void acquire_heldOnAnotherHost_isLockedAfterItsNextBeat() throws IOException {
    try (Lease held = host("a").claim("default", "backup")) {
      beatEvery(held, TTL.dividedBy(3));

      assertThatThrownBy(() -> host("b").claim("default", "backup")).isInstanceOf(Locked.class);
      assertThat(ticker.slept()).isBetween(Duration.ofSeconds(19), Duration.ofSeconds(21));
      held.confirm();
    }
  }

  @Test
  void acquire_silentHolderOnAnotherHost_waitsItsTimeToLiveAndATenth() throws IOException {
    Lease silent = host("a").claim("default", "backup");

    try (Lease taken = host("b").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
      assertThat(ticker.slept()).isBetween(Duration.ofSeconds(66), Duration.ofSeconds(68));
      assertThatThrownBy(silent::check).isInstanceOf(Unavailable.class);
      assertThatThrownBy(silent::renew).isInstanceOf(Unavailable.class);
      taken.confirm();
    }
    silent.close();
  }

  @Test
  void acquire_silentHolder_isNeverTakenBeforeItHasFencedItself() throws IOException {
    Lease silent = host("a").claim("default", "backup");
    List<Boolean> held = new ArrayList<>();
    ticker.onSleep(() -> held.add(LeaseTest.holds(silent)));

    try (Lease taken = host("b").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    assertThat(held).contains(true).endsWith(false, false, false, false, false);
    silent.close();
  }

  @Test
  void acquire_deadHolderOnThisHost_isTakenAtOnce() throws IOException {
    Lease dead = host("a").claim("default", "backup");
    dead.abandon();

    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    assertThat(ticker.slept()).isZero();
    assertThat(lockFiles()).isEmpty();
  }

  @Test
  void acquire_lockFileMissing_provesNothing() throws IOException {
    Lease dead = host("a").claim("default", "backup");
    dead.abandon();
    for (Path file : lockFiles()) {
      Files.delete(file);
    }
    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    assertThat(ticker.slept()).isGreaterThan(TTL);
  }

  @Test
  void acquire_lockDirectoryOfSomeoneElse_provesNothing() throws IOException {
    Lease dead = host("a").claim("default", "backup");
    dead.abandon();
    assertThat(folder.resolve("a").toFile().setReadable(true, /* ownerOnly= */ false)).isTrue();

    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    assertThat(ticker.slept()).isGreaterThan(TTL);
  }

  @Test
  void acquire_noPlaceForLockFiles_worksAllTheSame() throws IOException {
    Files.writeString(folder.resolve("a"), "a file, not a directory");
    try (Lease lease = host("a").claim("default", "backup")) {
      lease.confirm();
    }
    try (Lease lease = host("a").claim("default", "backup")) {
      assertThat(lease.epoch()).isEqualTo(2);
    }
  }

  @Test
  void acquire_holderDiedBeforeItsFirstBeat_isTakenOver() throws IOException {
    ObjectStore dying =
        new WatchedStore(store) {
          @Override
          public void put(String key, ByteBuffer content) throws IOException {
            throw new IOException("disk full");
          }
        };
    assertThatThrownBy(() -> host("a", dying).claim("default", "backup")).hasMessage("disk full");

    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    assertThat(ticker.slept()).as("its lock file proves it dead").isZero();
    assertThatThrownBy(() -> host("b", dying).claim("other", "backup")).hasMessage("disk full");
    try (Lease taken = host("c").claim("other", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    assertThat(ticker.slept()).isGreaterThan(TTL);
  }

  @Test
  void acquire_damagedFiles_delayButDoNotBlock() throws IOException {
    Lease lease = host("a").claim("default", "backup");
    lease.abandon();
    for (ObjectInfo file : store.list("control/")) {
      store.put(file.key(), ByteBuffer.wrap("rubbish".getBytes(UTF_8)));
    }
    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
  }

  @Test
  void acquire_claimUnderAnothersName_isTheLinkOfItsName() throws IOException {
    host("a").claim("default", "backup").close();
    ByteBuffer first = store.read("control/lease/default/0000000000000001.json");
    store.put("control/lease/default/0000000000000005.json", first);

    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(6);
    }
  }

  @Test
  void acquire_claimOfNewerFormat_isNamed() throws IOException {
    record Newer(int format, String unheardOf) {}
    store.put("control/lease/default/0000000000000001.json", Json.writeChecked(new Newer(2, "x")));

    assertThatThrownBy(() -> host("a").claim("default", "backup"))
        .isInstanceOf(UnsupportedFormat.class);
  }

  @Test
  void acquire_answerLostOrRepeated_recognisesItsOwnClaim() throws IOException {
    for (boolean throwing : new boolean[] {true, false}) {
      String resource = throwing ? "lost" : "repeated";
      ObjectStore forgetful =
          new WatchedStore(store) {
            @Override
            public boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
              boolean created = super.createIfAbsent(key, content);
              if (throwing) {
                throw new IOException("connection reset");
              }
              return created && super.createIfAbsent(key, content);
            }
          };
      try (Lease lease = host("a", forgetful).claim(resource, "backup")) {
        assertThat(lease.epoch()).isEqualTo(1);
        lease.confirm();
      }
    }
  }

  @Test
  void acquire_raceLost_findsTheWinner() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    List<Lease> winners = new ArrayList<>();
    ObjectStore slow =
        new WatchedStore(store) {
          @Override
          public ObjectUpload upload(String key) throws IOException {
            if (calls.getAndIncrement() == 0) {
              winners.add(host("b").claim("default", "backup"));
              beatEvery(winners.getFirst(), TTL.dividedBy(3));
            }
            return super.upload(key);
          }
        };
    assertThatThrownBy(() -> host("a", slow).claim("default", "backup")).isInstanceOf(Locked.class);
    winners.getFirst().confirm();
    winners.getFirst().close();
  }

  @Test
  void acquire_sixteenAtOnce_haveOneWinner() throws Exception {
    HostLocks locks = new HostLocks(folder.resolve("race"));
    for (int round = 0; round < 10; round++) {
      String resource = "round-" + round;
      List<Future<Lease>> attempts = new ArrayList<>();
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 16; i++) {
          Leases leases =
              new Leases(
                  store,
                  Clock.systemUTC(),
                  new SecureRandom(),
                  Ticker.system(),
                  locks,
                  Duration.ofSeconds(3));
          attempts.add(executor.submit(() -> leases.acquire(resource, "backup")));
        }
      }
      List<Lease> winners = new ArrayList<>();
      for (Future<Lease> attempt : attempts) {
        if (attempt.state() == Future.State.SUCCESS) {
          winners.add(attempt.resultNow());
        } else {
          assertThat(attempt.exceptionNow()).isInstanceOf(Locked.class);
        }
      }
      assertThat(winners).hasSize(1);
      assertThat(winners.getFirst().epoch()).isEqualTo(1);
      winners.getFirst().close();
    }
  }

  @Test
  void wallClock_jumps_neitherEndNorProlongALease() throws IOException {
    for (Duration jump : List.of(Duration.ofDays(365), Duration.ofDays(-365))) {
      String resource = "jump" + jump.toDays();
      Lease held = host("a").claim(resource, "backup");
      clock.jump(jump);

      held.check();
      held.renew();
      // A living holder is found to live, by its beats.
      beatEvery(held, TTL.dividedBy(3));
      assertThatThrownBy(() -> host("a").claim(resource, "backup")).isInstanceOf(Locked.class);
      assertThatThrownBy(() -> host("b").claim(resource, "backup")).isInstanceOf(Locked.class);

      // A silent one is taken over after the same time as ever.
      ticker.onSleep(() -> {});
      clock.jump(jump.negated());
      Duration before = ticker.slept();
      try (Lease taken = host("b").claim(resource, "backup")) {
        assertThat(taken.epoch()).isEqualTo(2);
      }
      assertThat(ticker.slept().minus(before)).isBetween(TTL, TTL.plusSeconds(10));
      held.close();
    }
  }

  @Test
  void acquire_runningButStuckHolderOnThisHost_isTakenAfterItsTime() throws IOException {
    Lease stuck = host("a").claim("default", "backup");
    ticker.onSleep(() -> clock.jump(Duration.ofSeconds(1)));

    assertThatThrownBy(() -> host("a").claim("default", "backup")).isInstanceOf(Locked.class);
    clock.jump(Duration.ofSeconds(41));
    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    stuck.close();
  }

  @Test
  void acquire_stuckHolderAndClockSetBack_isTakenAfterItsTime() throws IOException {
    Lease stuck = host("a").claim("default", "backup");
    clock.jump(Duration.ofDays(-365));

    try (Lease taken = host("a").claim("default", "backup")) {
      assertThat(taken.epoch()).isEqualTo(2);
    }
    assertThat(ticker.slept()).isBetween(TTL, TTL.plusSeconds(10));
    stuck.close();
  }

  @Test
  void acquireRead_several_areListedUntilReleased() throws IOException {
    Lease first = host("a").claimRead("restore");
    Lease second = host("a").claimRead("verify");

    assertThat(host("a").readers()).containsExactlyInAnyOrder(first.holder(), second.holder());
    first.close();
    assertThat(host("a").readers()).containsExactly(second.holder());
    second.close();
    assertThat(host("a").readers()).isEmpty();
    assertThat(store.list("")).isEmpty();
    assertThat(ticker.slept()).isZero();
  }

  @Test
  void readers_deadOnThisHost_areRemovedAtOnce() throws IOException {
    host("a").claimRead("restore").abandon();

    assertThat(host("a").readers()).isEmpty();
    assertThat(store.list("control/read/")).isEmpty();
    assertThat(ticker.slept()).isZero();
    assertThat(lockFiles()).isEmpty();
  }

  @Test
  void readers_onAnotherHost_areWatched() throws IOException {
    Lease living = host("a").claimRead("restore");
    Lease silent = host("b").claimRead("verify");
    beatEvery(living, TTL.dividedBy(3));

    assertThat(host("c").readers()).containsExactly(living.holder());
    assertThat(ticker.slept()).isBetween(TTL, TTL.plusSeconds(10));
    assertThat(store.list("control/read/")).hasSize(1);
    assertThatThrownBy(silent::confirm).isInstanceOf(Unavailable.class);
    living.confirm();
    living.close();
    silent.close();
  }

  @Test
  void acquireRead_takenForDead_isLost() throws IOException {
    Lease lease = host("a").claimRead("restore");
    store.delete("control/read/" + lease.holder().nonce() + ".json");

    assertThatThrownBy(lease::renew)
        .isInstanceOf(Locked.class)
        .hasMessageStartingWith("lease lost: read lease was taken for dead");
    assertThat(store.list("")).isEmpty();
    lease.close();
  }

  @Test
  void acquireRead_readOnlyStore_works() throws IOException {
    ObjectStore readOnly =
        new WatchedStore(store) {
          @Override
          public void put(String key, ByteBuffer content) throws IOException {
            throw new ReadOnlyStoreException("here", null);
          }
        };
    try (Lease lease = host("a", readOnly).claimRead("restore")) {
      lease.confirm();
      lease.renew();
    }
    assertThatThrownBy(() -> host("a", readOnly).claim("default", "backup"))
        .isInstanceOf(ReadOnlyStoreException.class);
  }

  /// Lets a holder beat while others sleep.
  private void beatEvery(Lease lease, Duration period) {
    long[] last = {ticker.nanoTime()};
    ticker.onSleep(() -> {
      if (ticker.nanoTime() - last[0] >= period.toNanos()) {
        last[0] = ticker.nanoTime();
        lease.renew();
      }
    });
  }

  private List<Path> lockFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".lock")).toList();
    }
  }
}
