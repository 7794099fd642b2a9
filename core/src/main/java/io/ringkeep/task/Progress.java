package io.ringkeep.task;

import java.util.OptionalLong;

/// Where work in progress reports to. All methods may be called from any thread.
public interface Progress {

  /// Opens a task, such as the capture of one shard.
  ///
  /// @param name what a person calls it: `shard 0-5460 from 10.0.0.1:6379`
  /// @param totalBytes how much there is to do, if known or well guessed
  Task begin(String name, OptionalLong totalBytes);

  /// Says a sentence worth a line, such as a fallback that was taken.
  void note(String text);

  /// One line of work. Close it when it is done or given up.
  interface Task extends AutoCloseable {
    /// Names what the task does now: `waiting for the fork`, `reading`, `sorting`.
    void phase(String phase);

    /// Adds to what is done.
    void advance(long bytes, long records);

    @Override
    void close();
  }

  /// Reports to nobody.
  static Progress silent() {
    return new Progress() {
      @Override
      public Task begin(String name, OptionalLong totalBytes) {
        return new Task() {
          @Override
          public void phase(String phase) {}

          @Override
          public void advance(long bytes, long records) {}

          @Override
          public void close() {}
        };
      }

      @Override
      public void note(String text) {}
    };
  }
}
