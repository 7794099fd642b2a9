package io.ringkeep.task;

/// Work that an interrupted operation still has to do: putting back what it has changed elsewhere.
///
/// An interrupt closes the socket that a thread waits on, and every socket that it opens from then
/// on.
public final class Shielded {
  private Shielded() {}

  /// Runs `work` with the interrupt held back, if there was one before; it is there again when this
  /// returns or throws. An interrupt that comes meanwhile ends `work` as usual.
  public static void run(Runnable work) {
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
