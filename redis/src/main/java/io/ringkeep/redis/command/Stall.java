package io.ringkeep.redis.command;

import io.ringkeep.redis.rdb.LogicalType;
import java.time.Duration;

/// How long a server answers nobody while it runs `RESTORE` or `DUMP` of one value.
///
/// Servers run one command at a time. One that is silent for longer than `cluster-node-timeout` is
/// taken for dead by the others of its cluster, which then promote a replica.
/* Measured on Redis 6.2 and 7.0 with a million elements, on a machine that had more to do: RESTORE of a
 * sorted set 10–13 MB/s, of a set 30–38, a hash 37–47, a stream 46–62, a list 81–122, a string 87–118;
 * DUMP 11–22 MB/s for those of the first group. An array's time was never measured: its elements go into blocks. */
public final class Stall {
  private static final long TABLE_BYTES_A_MILLI = 10_000;
  private static final long BLOCK_BYTES_A_MILLI = 40_000;

  /// What one command may take of the time after which a server is taken for dead.
  private static final int SHARE = 4;

  private Stall() {}

  /// About how long one command takes for a value of so many bytes, on a slow machine.
  public static long millis(LogicalType type, long bytes) {
    return bytes / (isTable(type) ? TABLE_BYTES_A_MILLI : BLOCK_BYTES_A_MILLI);
  }

  /// The longest that one command may take in a cluster.
  static long mostMillis(Duration nodeTimeout) {
    return nodeTimeout.toMillis() / SHARE;
  }

  /// True if the server inserts elements one by one, which takes long. As commands, in pieces, such
  /// a value loses nothing.
  static boolean isTable(LogicalType type) {
    return switch (type) {
      case HASH, SET, SORTED_SET -> true;
      case STRING, LIST, STREAM, ARRAY, MODULE -> false;
    };
  }
}
