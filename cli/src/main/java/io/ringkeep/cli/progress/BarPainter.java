package io.ringkeep.cli.progress;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// One bar for each running task at the foot of a terminal; what is finished scrolls up above them.
final class BarPainter implements Painter {
  /*
   * The bars are redrawn in place: the cursor goes up over what was drawn last, and each line is erased before it is
   * written anew. A line is cut to the terminal's width, since one that wrapped would throw the count of lines off.
   */
  private static final String ERASE_LINE = "\r\u001b[2K";
  private static final String ERASE_BELOW = "\r\u001b[J";
  private static final int BARS_MOST = 12;
  private static final int NAME_COLUMNS_MOST = 44;
  private static final int BAR_COLUMNS = 20;

  private final PrintStream out;
  private final int columns;
  private final char full;
  private final char empty;
  private int drawnLines;

  /// @param columns the terminal's width
  /// @param unicode whether the terminal shows block characters
  BarPainter(PrintStream out, int columns, boolean unicode) {
    this.out = out;
    this.columns = columns;
    this.full = unicode ? '█' : '#';
    this.empty = unicode ? '░' : '.';
  }

  @Override
  public void line(String text) {
    clear();
    out.println(text);
    out.flush();
  }

  @Override
  public void phaseChanged(TaskState task) {
    /* The next tick, a fraction of a second away, shows it. */
  }

  @Override
  public void tick(List<TaskState> running, long nowNanos) {
    if (running.isEmpty() && drawnLines == 0) {
      return;
    }
    List<String> lines = new ArrayList<>();
    int nameColumns =
        Math.min(
            NAME_COLUMNS_MOST,
            running.stream().mapToInt(task -> task.name().length()).max().orElse(0));
    for (TaskState task : running.subList(0, Math.min(BARS_MOST, running.size()))) {
      lines.add(bar(task, nameColumns));
    }
    if (running.size() > BARS_MOST) {
      lines.add("and " + (running.size() - BARS_MOST) + " more");
    }
    StringBuilder frame = new StringBuilder(home());
    for (String line : lines) {
      frame.append(ERASE_LINE).append(cut(line)).append('\n');
    }
    frame.append(ERASE_BELOW);
    drawnLines = lines.size();
    out.print(frame);
    out.flush();
  }

  private String bar(TaskState task, int nameColumns) {
    String name = task.name();
    if (name.length() > nameColumns) {
      name = name.substring(0, nameColumns);
    }
    StringBuilder line = new StringBuilder(name).append(" ".repeat(nameColumns - name.length()));
    task.fraction()
        .ifPresent(fraction -> {
          int filled = (int) (fraction * BAR_COLUMNS);
          line.append("  ")
              .append(String.valueOf(full).repeat(filled))
              .append(String.valueOf(empty).repeat(BAR_COLUMNS - filled));
        });
    task.figures().forEach(figure -> line.append("  ").append(figure));
    return line.append("  ").append(task.phase()).toString().stripTrailing();
  }

  private String cut(String line) {
    return line.length() < columns ? line : line.substring(0, Math.max(0, columns - 1));
  }

  private String home() {
    return drawnLines == 0 ? "" : "\u001b[%dA".formatted(drawnLines);
  }

  @Override
  public void clear() {
    if (drawnLines > 0) {
      out.print(home() + ERASE_BELOW);
      out.flush();
      drawnLines = 0;
    }
  }
}
