package io.ringkeep.testkit;

import java.util.function.Supplier;

/// Cleaning up in a thread that was told to end: reading a file or waiting for a process would
/// throw at once there, and leave behind what it was called to remove.
final class Uninterrupted {
  private Uninterrupted() {}

  static void run(Runnable work) {
    call(() -> {
      work.run();
      return true;
    });
  }

  /// What `work` returns. The thread is told again afterwards.
  static <T> T call(Supplier<T> work) {
    boolean interrupted = Thread.interrupted();
    try {
      return work.get();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
