package io.ringkeep.archive;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells threads to end without interrupting them, which would close the files and sockets that
/// they are about to leave in order.
final class Stopping {
  private final CountDownLatch requested = new CountDownLatch(1);

  void request() {
    requested.countDown();
  }

  boolean requested() {
    return requested.getCount() == 0;
  }

  /// Waits until then, or for `pause` at most.
  void await(Duration pause) {
    try {
      requested.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
