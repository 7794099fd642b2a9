package io.ringkeep.cli.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;

/// Plain lines, for logs and pipes: each change of phase, and every few seconds how far each task
/// is.
final class LinePainter implements Painter {
  private static final Duration PERIOD = Duration.ofSeconds(5);

  private final PrintStream out;
  private final IdentityHashMap<TaskState, Long> bytesAtLastLine = new IdentityHashMap<>();
  private long lastNanos;

  LinePainter(PrintStream out, long nowNanos) {
    this.out = out;
    this.lastNanos = nowNanos;
  }

  @Override
  public void line(String text) {
    out.println(text);
  }

  @Override
  public void phaseChanged(TaskState task) {
    out.println(task.name() + ": " + task.phase());
  }

  @Override
  public void tick(List<TaskState> running, long nowNanos) {
    bytesAtLastLine.keySet().retainAll(running);
    if (nowNanos - lastNanos < PERIOD.toNanos()) {
      return;
    }
    lastNanos = nowNanos;
    for (TaskState task : running) {
      long bytes = task.bytes();
      Long before = bytesAtLastLine.put(task, bytes);
      if (bytes > 0 && (before == null || before != bytes)) {
        out.println(task.name() + ": " + String.join(", ", task.figures()).strip());
      }
    }
  }

  @Override
  public void clear() {
    out.flush();
  }
}
