package io.ringkeep.story;

import io.ringkeep.task.Progress;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/// Does something once, when work comes to a phase.
final class OnPhase implements Progress {
  private final String phase;
  private final Runnable action;
  private final AtomicBoolean done = new AtomicBoolean();

  OnPhase(String phase, Runnable action) {
    this.phase = phase;
    this.action = action;
  }

  @Override
  public Task begin(String name, OptionalLong totalBytes) {
    return new Task() {
      @Override
      public void phase(String now) {
        if (now.equals(phase) && !done.getAndSet(true)) {
          action.run();
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
