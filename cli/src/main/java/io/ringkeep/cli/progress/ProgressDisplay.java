package io.ringkeep.cli.progress;

import io.ringkeep.task.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/// Shows the tasks that core reports. Open for the length of one run.
public final class ProgressDisplay implements Progress, AutoCloseable {
  private static final Duration FRAME = Duration.ofMillis(100);

  private final Object lock = new Object();
  private final LongSupplier nanoTime;

  /// Guarded by `lock`, as are the two below.
  private final Painter painter;

  private final List<TaskState> running = new ArrayList<>();
  private boolean closed;

  ProgressDisplay(Painter painter, LongSupplier nanoTime) {
    this.painter = painter;
    this.nanoTime = nanoTime;
  }

  /// Shows nothing.
  public static ProgressDisplay silent() {
    return new ProgressDisplay(Painter.none(), () -> 0);
  }

  /// Bars that follow the work on a terminal of this width.
  public static ProgressDisplay bars(
      PrintStream terminal, int columns, boolean unicode, LongSupplier nanoTime) {
    return new ProgressDisplay(new BarPainter(terminal, columns, unicode), nanoTime).animate();
  }

  /// Plain lines.
  public static ProgressDisplay lines(PrintStream out, LongSupplier nanoTime) {
    return new ProgressDisplay(new LinePainter(out, nanoTime.getAsLong()), nanoTime).animate();
  }

  /// On a platform thread: the carriers of virtual ones may all be busy when there is something to
  /// show.
  private ProgressDisplay animate() {
    Thread.ofPlatform()
        .daemon()
        .name("progress")
        .start(() -> {
          try {
            while (tick()) {
              Thread.sleep(FRAME);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return this;
  }

  /// Shows how far the tasks are; false once this is closed.
  boolean tick() {
    synchronized (lock) {
      if (closed) {
        return false;
      }
      long now = nanoTime.getAsLong();
      running.forEach(task -> task.sample(now));
      painter.tick(List.copyOf(running), now);
      return true;
    }
  }

  @Override
  public Task begin(String name, OptionalLong totalBytes) {
    TaskState state = new TaskState(name, totalBytes, nanoTime.getAsLong());
    synchronized (lock) {
      running.add(state);
    }
    return new Task() {
      @Override
      public void phase(String phase) {
        synchronized (lock) {
          state.phase(phase);
          if (!closed) {
            painter.phaseChanged(state);
          }
        }
      }

      @Override
      public void advance(long bytes, long records) {
        state.advance(bytes, records);
      }

      @Override
      public void close() {
        synchronized (lock) {
          if (running.remove(state) && !closed) {
            painter.line(state.name() + ": " + state.summary(nanoTime.getAsLong()));
          }
        }
      }
    };
  }

  @Override
  public void note(String text) {
    synchronized (lock) {
      if (!closed) {
        painter.line(text);
      }
    }
  }

  /// Ends the show. Nothing is written afterwards.
  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        painter.clear();
      }
    }
  }
}
