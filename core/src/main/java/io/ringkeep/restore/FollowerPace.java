package io.ringkeep.restore;

import io.ringkeep.redis.ServerConnection;
import io.ringkeep.task.Deadline;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Keeps a load from running away from the target's replicas.
///
/// A replica that falls behind by more than its output buffer is dropped and needs a full sync, in
/// the middle of a restore. So the load waits while any connected replica is further behind than a
/// quarter of the smallest usual limit.
final class FollowerPace {
  /// A quarter of `client-output-buffer-limit replica`'s default soft limit, 64 MiB.
  private static final long MOST_BEHIND_BYTES = 16L << 20;

  /// How many bytes are sent between two looks.
  static final long LOOK_EVERY_BYTES = 8L << 20;

  private static final long PAUSE_MILLIS = 50;

  /// `slave0:ip=127.0.0.1,port=7001,state=online,offset=1234,lag=0`, INFO replication.
  private static final Pattern FOLLOWER = Pattern.compile("state=online,offset=(\\d+)");

  private final ServerConnection server;
  private final Deadline deadline;

  FollowerPace(ServerConnection server, Deadline deadline) {
    this.server = server;
    this.deadline = deadline;
  }

  /// Returns once every online replica of the server has come near enough.
  void await() throws InterruptedException {
    while (behindBytes(server.info("replication")) > MOST_BEHIND_BYTES) {
      deadline.check();
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  static long behindBytes(Map<String, String> replication) {
    long offset = Long.parseLong(replication.getOrDefault("master_repl_offset", "0"));
    long behind = 0;
    for (Map.Entry<String, String> field : replication.entrySet()) {
      Matcher follower = FOLLOWER.matcher(field.getValue());
      if (field.getKey().matches("slave\\d+") && follower.find()) {
        behind = Math.max(behind, offset - Long.parseLong(follower.group(1)));
      }
    }
    return behind;
  }
}
