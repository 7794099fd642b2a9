package io.ringkeep.backup;

import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.task.Deadline;
import java.time.Duration;
import java.util.function.LongSupplier;

/// A replica's way to what its primary had when the shard was looked at: what had moved to that one
/// by then is in the read.
final class CatchUp {
  private static final Duration MOST = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private CatchUp() {}

  /// Waits for it, but not for long; a primary's is no way at all.
  ///
  /// @throws io.ringkeep.model.BackupException if the replica does not answer
  static void await(ShardCapture capture, ConnectionOptions options, Deadline deadline)
      throws InterruptedException {
    long wanted = capture.shard().primary().offset();
    if (capture.server().offset() >= wanted
        || !capture.server().replid().equals(capture.shard().primary().replid())) {
      return;
    }
    try (ServerConnection connection =
        ServerConnection.open(capture.server().endpoint(), options)) {
      await(
          () ->
              Long.parseLong(
                  connection.info("replication").getOrDefault("slave_repl_offset", "-1")),
          wanted,
          deadline.leftUpTo(MOST));
    }
  }

  /// Whether `reached` came to `wanted` in time.
  static boolean await(LongSupplier reached, long wanted, Duration most)
      throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (reached.getAsLong() < wanted) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(PAUSE);
    }
    return true;
  }
}
