package io.ringkeep.story;

import io.ringkeep.task.Progress;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/// Does something when work comes to a phase.
final class OnPhase implements Progress {
  private final String phase;
  private final IntConsumer action;
  private final AtomicInteger times = new AtomicInteger();

  private OnPhase(String phase, IntConsumer action) {
    this.phase = phase;
    this.action = action;
  }

  /// The first time.
  OnPhase(String phase, Runnable action) {
    this(
        phase,
        time -> {
          if (time == 1) {
            action.run();
          }
        });
  }

  /// Each time, of which `action` is told the number.
  static OnPhase each(String phase, IntConsumer action) {
    return new OnPhase(phase, action);
  }

  @Override
  public Task begin(String name, OptionalLong totalBytes) {
    return new Task() {
      @Override
      public void phase(String now) {
        if (now.equals(phase)) {
          action.accept(times.incrementAndGet());
        }
      }

      @Override
      public void advance(long bytes, long records) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public void note(String text) {}
}
