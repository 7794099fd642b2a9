package io.ringkeep.task;

import io.ringkeep.model.BackupException;
import java.time.Duration;

/// The end of the time that an operation may take, on the monotonic clock.
public final class Deadline {
  private final String operation;
  private final Duration limit;
  private final long endNanos;

  private Deadline(String operation, Duration limit) {
    this.operation = operation;
    this.limit = limit;
    this.endNanos = System.nanoTime() + limit.toNanos();
  }

  /// A deadline `limit` from now for what the operator calls `operation`.
  public static Deadline in(Duration limit, String operation) {
    return new Deadline(operation, limit);
  }

  /// What is left, at least zero.
  public Duration left() {
    return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
  }

  /// What is left, or `most` if that is less.
  public Duration leftUpTo(Duration most) {
    Duration left = left();
    return left.compareTo(most) < 0 ? left : most;
  }

  /// Ends the operation if its time is over.
  ///
  /// @throws BackupException.Unavailable if no time is left
  public void check() {
    if (left().isZero()) {
      throw passed();
    }
  }

  /// What to throw when the time is over.
  public BackupException passed() {
    return new BackupException.Unavailable(
        "%s did not end in time: timeout=%s".formatted(operation, limit),
        "give it longer with --timeout, or lower the load on the server",
        null);
  }
}
