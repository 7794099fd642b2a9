package io.ringkeep.repository.lock;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Time that passes only when someone sleeps or the test says so. Sleeping takes no time.
final class ManualTicker implements Ticker {
  // Near the overflow, where comparing instead of subtracting goes wrong.
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 30_000_000_000L);
  private final AtomicLong slept = new AtomicLong();
  private Step onSleep = () -> {};

  /// What else happens while someone sleeps.
  interface Step {
    void run() throws Exception;
  }

  void onSleep(Step step) {
    onSleep = step;
  }

  void advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  /// How long was slept altogether.
  Duration slept() {
    return Duration.ofNanos(slept.get());
  }

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    advance(duration);
    slept.addAndGet(duration.toNanos());
    try {
      onSleep.run();
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
