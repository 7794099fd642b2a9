package io.ringkeep.repository.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.repository.json.Json;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The life of one lease: renewed, lost, confirmed, released.
class LeaseTest {
  private static final Duration TTL = Duration.ofSeconds(60);

  private final MemoryStore store = new MemoryStore();
  private final ManualTicker ticker = new ManualTicker();
  private final MovableClock clock = new MovableClock();
  private final Path folder;

  LeaseTest(@TempDir Path folder) {
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
  void check_notRenewedForTwoThirds_isLost() throws IOException {
    Lease lease = host("a").claim("default", "backup");
    ticker.advance(Duration.ofSeconds(39));
    lease.check();
    lease.renew();
    ticker.advance(Duration.ofSeconds(39));
    lease.check();
    ticker.advance(Duration.ofSeconds(2));

    assertThatThrownBy(lease::check)
        .isInstanceOf(Unavailable.class)
        .hasMessageStartingWith("lease lost: not renewed in time seconds=40 host=");
    // Lost once is lost for ever, whatever happens to come late.
    assertThatThrownBy(lease::renew).isInstanceOf(Unavailable.class);
    assertThatThrownBy(lease::check).isInstanceOf(Unavailable.class);
    assertThatThrownBy(lease::confirm).isInstanceOf(Unavailable.class);
    lease.close();
  }

  @Test
  void renew_slowStore_countsFromItsBegin() throws IOException {
    ObjectStore slow =
        new WatchedStore(store) {
          @Override
          public void put(String key, ByteBuffer content) throws IOException {
            super.put(key, content);
            ticker.advance(Duration.ofSeconds(30));
          }
        };
    Lease lease = host("a", slow).claim("default", "backup");
    lease.renew();
    ticker.advance(Duration.ofSeconds(11));

    assertThatThrownBy(lease::check).isInstanceOf(Unavailable.class);
    lease.close();
  }

  @Test
  void confirm_afterATakeover_namesIt() throws IOException {
    Lease paused = host("a").claim("default", "backup");
    // The stopwatch of a machine that slept may have stood still.
    store.delete("control/heartbeat/default/0000000000000001.json");
    store.put(
        "control/lease/default/0000000000000002.json",
        Json.writeChecked(new LeaseFiles.Claim(1, "default", 2, paused.holder(), TTL.toMillis())));

    paused.check();
    assertThatThrownBy(paused::confirm)
        .isInstanceOf(Locked.class)
        .hasMessageStartingWith("lease lost: taken over: resource=default epoch=2");
    assertThatThrownBy(paused::check).isInstanceOf(Locked.class);
    paused.close();
    assertThat(store.list("control/heartbeat/")).as("not ours to release").isEmpty();
  }

  @Test
  void lease_started_renewsItself() throws Exception {
    Leases leases =
        new Leases(
            store,
            Clock.systemUTC(),
            new SecureRandom(),
            Ticker.system(),
            new HostLocks(folder.resolve("real")),
            Duration.ofSeconds(6));
    try (Lease lease = leases.acquire("default", "backup");
        Lease reading = leases.acquireRead("restore")) {
      long end = System.nanoTime() + Duration.ofSeconds(6).toNanos();
      while (System.nanoTime() < end) {
        Thread.sleep(20);
        lease.check();
        reading.check();
      }
    }
    assertThat(leases.readers()).isEmpty();
    assertThatCode(() -> leases.acquire("default", "backup").close()).doesNotThrowAnyException();
  }

  @Test
  void lease_storeFails_isLostWithItsCause() throws Exception {
    boolean[] broken = new boolean[1];
    ObjectStore failing =
        new WatchedStore(store) {
          @Override
          public void put(String key, ByteBuffer content) throws IOException {
            if (broken[0]) {
              throw new IOException("no route to host");
            }
            super.put(key, content);
          }
        };
    Leases leases =
        new Leases(
            failing,
            Clock.systemUTC(),
            new SecureRandom(),
            Ticker.system(),
            new HostLocks(folder.resolve("real")),
            Duration.ofSeconds(3));
    try (Lease lease = leases.acquire("default", "backup")) {
      broken[0] = true;
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (holds(lease) && System.nanoTime() < end) {
        Thread.sleep(10);
      }
      assertThatThrownBy(lease::check)
          .isInstanceOf(Unavailable.class)
          .hasRootCauseMessage("no route to host");
    }
  }

  @Test
  void close_interruptedThread_releasesAllTheSame() throws Exception {
    try (FileStore files = new FileStore(folder.resolve("repository"))) {
      Lease lease = host("a", files).claim("default", "backup");
      Thread.currentThread().interrupt();
      lease.close();

      assertThat(Thread.interrupted()).isTrue();
      host("b", files).claim("default", "backup").close();
      assertThat(ticker.slept()).isZero();
    }
  }

  @Test
  void close_releaseFails_leavesTheProof() throws IOException {
    boolean[] broken = new boolean[1];
    ObjectStore failing =
        new WatchedStore(store) {
          @Override
          public void put(String key, ByteBuffer content) throws IOException {
            if (broken[0]) {
              throw new IOException("no route to host");
            }
            super.put(key, content);
          }
        };
    Lease lease = host("a", failing).claim("default", "backup");
    broken[0] = true;
    lease.close();

    host("a").claim("default", "backup").close();
    assertThat(ticker.slept()).isZero();
  }

  static boolean holds(Lease lease) {
    try {
      lease.check();
      return true;
    } catch (Unavailable e) {
      return false;
    }
  }
}
