package io.ringkeep.testkit;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Asking again until something is so.
public final class Waiting {
  private static final long PAUSE_MILLIS = 10;

  private Waiting() {}

  /// Returns as soon as `reached` holds.
  ///
  /// @param what completes the message `timed out after PT60S: `
  /// @throws EngineException when `timeout` has passed
  public static void until(BooleanSupplier reached, Duration timeout, Supplier<String> what) {
    long start = System.nanoTime();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() - start > timeout.toNanos()) {
        throw new EngineException("timed out after " + timeout + ": " + what.get());
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while waiting", e);
    }
  }
}
