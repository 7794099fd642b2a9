package io.ringkeep.cli.progress;

import java.util.List;

/// Puts tasks on the screen. Called under the display's lock, by one thread at a time.
interface Painter {
  /// A line that stays.
  void line(String text);

  /// A task changed its phase.
  void phaseChanged(TaskState task);

  /// Time has passed: shows `running` as they are now.
  void tick(List<TaskState> running, long nowNanos);

  /// Removes whatever does not stay.
  void clear();

  /// Shows nothing.
  static Painter none() {
    return new Painter() {
      @Override
      public void line(String text) {}

      @Override
      public void phaseChanged(TaskState task) {}

      @Override
      public void tick(List<TaskState> running, long nowNanos) {}

      @Override
      public void clear() {}
    };
  }
}
