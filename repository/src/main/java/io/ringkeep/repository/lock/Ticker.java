package io.ringkeep.repository.lock;

import java.time.Duration;

/// A stopwatch of this process, which no change of the wall clock moves.
interface Ticker {
  /// As [System#nanoTime].
  long nanoTime();

  /// As [Thread#sleep(Duration)].
  void sleep(Duration duration) throws InterruptedException;

  /// The machine's.
  static Ticker system() {
    return new Ticker() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
      }
    };
  }
}
