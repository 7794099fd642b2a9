package io.ringkeep.repository.lock;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.BackupException.Unavailable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The right to work, until it is closed or lost. Safe for any number of threads.
///
/// A virtual thread renews it every third of its time to live. When two thirds have passed without
/// a proven renewal the lease fences itself: from then on every [#check] fails, long before an
/// observer who watched the whole time may take it over. Work that changes the repository calls
/// [#check] often, and [#confirm] before what it cannot take back.
public final class Lease implements AutoCloseable {
  private final Claim claim;
  private final Duration ttl;
  private final Ticker ticker;
  private final HostLocks.Held hostLock;
  private final Thread heart;

  // Written by the heart alone.
  private long beat;
  // When the last renewal that succeeded was begun, by the ticker.
  private volatile long renewedNanos;
  private volatile @Nullable BackupException loss;
  private volatile @Nullable IOException failure;
  private volatile boolean closed;

  /// What a lease is in the store.
  sealed interface Claim permits ExclusiveClaim, SharedClaim, SharedClaim.Unwritten {
    /// Its place in its chain; 0 for a read lease, which has none.
    long epoch();

    LeaseHolder holder();

    void beat(long beat) throws IOException;

    /// Why the lease is no longer ours, if the store says so.
    Optional<String> superseded() throws IOException;

    void release(long beat) throws IOException;
  }

  /// @param claimedNanos when the claim was begun
  Lease(Claim claim, Duration ttl, Ticker ticker, long claimedNanos, HostLocks.Held hostLock) {
    this.claim = claim;
    this.ttl = ttl;
    this.ticker = ticker;
    this.renewedNanos = claimedNanos;
    this.hostLock = hostLock;
    this.heart = Thread.ofVirtual().name("lease-" + claim.holder().purpose()).unstarted(this::live);
  }

  Lease start() {
    heart.start();
    return this;
  }

  /// Its place in its resource's chain: what was done under a lower one is overruled by what is
  /// done under a higher one. 0 for a read lease.
  public long epoch() {
    return claim.epoch();
  }

  /// Who holds it: this process.
  public LeaseHolder holder() {
    return claim.holder();
  }

  /// Goes on if the lease is held, as far as this process knows. Costs nothing.
  ///
  /// @throws Locked if another has taken it over
  /// @throws Unavailable if it could not be renewed in time
  public void check() {
    BackupException lost = loss;
    if (lost == null && closed) {
      throw new IllegalStateException("lease was closed: " + claim.holder());
    }
    if (lost == null && ticker.nanoTime() - renewedNanos > fenceNanos()) {
      lost =
          new Unavailable(
              "lease lost: not renewed in time seconds=%d %s"
                  .formatted(ttl.multipliedBy(2).dividedBy(3).toSeconds(), claim.holder()),
              "see whether the repository can be written to, then run it again",
              failure);
      loss = lost;
    }
    if (lost != null) {
      throw lost;
    }
  }

  /// Goes on if the lease is held, as the store has it now.
  ///
  /// @throws Locked if another has taken it over
  /// @throws Unavailable if it could not be renewed in time
  public void confirm() throws IOException {
    check();
    Optional<String> superseded = claim.superseded();
    if (superseded.isPresent()) {
      BackupException lost =
          new Locked(
              "lease lost: %s %s".formatted(superseded.get(), claim.holder()),
              "nothing was committed after that; run it again");
      loss = lost;
      throw lost;
    }
    check();
  }

  /// Proves to observers that this process lives, and to this process that it holds the lease.
  synchronized void renew() throws IOException {
    long begun = ticker.nanoTime();
    confirm();
    claim.beat(++beat);
    renewedNanos = begun;
  }

  private void live() {
    Duration pause = ttl.dividedBy(3);
    while (!closed) {
      try {
        ticker.sleep(pause);
        renew();
        pause = ttl.dividedBy(3);
      } catch (InterruptedException e) {
        return;
      } catch (IOException e) {
        failure = e;
        pause = ttl.dividedBy(12);
      } catch (BackupException e) {
        // Every check says so from now on.
        loss = e;
        return;
      }
    }
  }

  private long fenceNanos() {
    return ttl.toNanos() / 3 * 2;
  }

  /// Stops renewing and releases nothing, as if this process had been killed: for tests of crashes.
  public void abandon() {
    stop();
    hostLock.abandon();
  }

  private void stop() {
    closed = true;
    heart.interrupt();
    boolean interrupted = false;
    while (true) {
      try {
        heart.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Gives the lease back, so that the next holder need not wait; also in a thread that is being
  /// interrupted. A failure to give it back is not one of the work that was done: the next holder
  /// will find out by itself.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    stop();
    // The release is a write, which an interrupt would end.
    boolean interrupted = Thread.interrupted();
    boolean over = loss instanceof Locked;
    try {
      if (loss == null) {
        claim.release(beat + 1);
        over = true;
      }
    } catch (IOException e) {
      // Nobody was told: then the lock file must tell it.
    } finally {
      if (over) {
        hostLock.close();
      } else {
        hostLock.abandon();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
