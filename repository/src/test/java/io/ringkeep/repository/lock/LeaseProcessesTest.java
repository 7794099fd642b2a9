package io.ringkeep.repository.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.repository.ChildJvm;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two real processes and one folder.
class LeaseProcessesTest {
  // Long enough for a machine whose disk stalls for a second.
  private static final Duration TTL = Duration.ofSeconds(6);

  private final Path folder;
  private final Leases here;

  LeaseProcessesTest(@TempDir Path folder) {
    this.folder = folder;
    this.here = leases(folder, "locks");
  }

  private static Leases leases(Path folder, String host) {
    ObjectStore store = new FileStore(folder.resolve("repository"));
    HostLocks locks = new HostLocks(folder.resolve(host));
    return new Leases(store, Clock.systemUTC(), new SecureRandom(), Ticker.system(), locks, TTL);
  }

  /// Holds a lease and says when it has lost it.
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      try (Lease lease = leases(Path.of(arguments[0]), "locks").acquire("default", "backup")) {
        System.out.println("epoch " + lease.epoch());
        while (true) {
          Thread.sleep(10);
          lease.check();
        }
      } catch (BackupException e) {
        System.out.println("lost " + e.getClass().getSimpleName());
      }
    }
  }

  @Test
  void acquire_holderKilled_isTakenAtOnceOnTheSameHost() throws Exception {
    try (ChildJvm holder = ChildJvm.start(Holder.class, folder)) {
      assertThat(holder.line()).isEqualTo("epoch 1");
      assertThatThrownBy(() -> here.acquire("default", "backup"))
          .isInstanceOf(Locked.class)
          .hasMessageContaining("pid=" + holder.pid() + " purpose=backup");

      holder.kill();
      long killed = System.nanoTime();
      try (Lease taken = here.acquire("default", "backup")) {
        assertThat(taken.epoch()).isEqualTo(2);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(TTL);
    }
  }

  @Test
  void acquire_holderKilledOnAnotherHost_isTakenAfterItsTime() throws Exception {
    try (ChildJvm holder = ChildJvm.start(Holder.class, folder)) {
      assertThat(holder.line()).isEqualTo("epoch 1");
      holder.kill();
      long killed = System.nanoTime();
      try (Lease taken = leases(folder, "elsewhere").acquire("default", "backup")) {
        assertThat(taken.epoch()).isEqualTo(2);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - killed)).isBetween(TTL, TTL.multipliedBy(3));
    }
  }

  @Test
  void acquire_holderStopped_isTakenAfterItsTimeAndFencedWhenItGoesOn() throws Exception {
    try (ChildJvm holder = ChildJvm.start(Holder.class, folder)) {
      assertThat(holder.line()).isEqualTo("epoch 1");
      holder.signal("STOP");
      // Its beat is still fresh: for all anyone can know it works.
      assertThatThrownBy(() -> here.acquire("default", "backup")).isInstanceOf(Locked.class);

      Thread.sleep(TTL.multipliedBy(2).dividedBy(3).plusMillis(100));
      try (Lease taken = here.acquire("default", "backup")) {
        assertThat(taken.epoch()).isEqualTo(2);

        holder.signal("CONT");
        assertThat(holder.line()).matches("lost (Unavailable|Locked)");
        assertThat(holder.exitCode()).isZero();
        taken.confirm();
        taken.check();
      }
    }
  }
}
