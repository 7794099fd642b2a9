package io.ringkeep.task;

import java.util.OptionalLong;
import java.util.function.Consumer;

/// Progress that nobody watches, but what is said on the way is kept.
public final class NotedProgress {
  private NotedProgress() {}

  /// Hands each note to `notes`, on whatever thread says it.
  public static Progress to(Consumer<String> notes) {
    Progress silent = Progress.silent();
    return new Progress() {
      @Override
      public Task begin(String name, OptionalLong totalBytes) {
        return silent.begin(name, totalBytes);
      }

      @Override
      public void note(String text) {
        notes.accept(text);
      }
    };
  }
}
