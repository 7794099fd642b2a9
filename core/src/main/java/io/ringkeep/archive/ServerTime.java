package io.ringkeep.archive;

import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.repository.log.Mark;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One look at a primary: its clock and its offset at the same instant, and what our stopwatch
/// showed.
///
/// Our wall clock has no part in it: it may be wrong, and may be set.
///
/// @param server run id of the server
/// @param primary whether it was a primary then
/// @param replid history that it writes
/// @param offset bytes of that history
/// @param timeMicros its clock, microseconds since 1970
/// @param askedNanos our stopwatch before it was asked
/// @param answeredNanos our stopwatch when it had answered
record ServerTime(
    String server,
    boolean primary,
    String replid,
    long offset,
    long timeMicros,
    long askedNanos,
    long answeredNanos) {
  /// How much faster than ours a server's clock may run: NTP slews by half a thousandth at most.
  private static final double DRIFT = 1.0005;

  /// Asks a server.
  ///
  /// @param runId of it
  /// @throws io.ringkeep.model.BackupException.AccessDenied if the user lacks `+time +info +multi
  ///   +exec`
  static ServerTime ask(ServerConnection connection, String runId) {
    connection.command("MULTI");
    connection.command("TIME");
    connection.command("INFO", "replication");
    long asked = System.nanoTime();
    List<@Nullable Object> replies = connection.list("EXEC");
    long answered = System.nanoTime();
    List<@Nullable Object> time = Reply.list(replies.get(0));
    Map<String, String> info = fields(Reply.text(replies.get(1)));
    return new ServerTime(
        runId,
        "master".equals(info.get("role")),
        info.getOrDefault("master_replid", ""),
        Long.parseLong(info.getOrDefault("master_repl_offset", "0")),
        Reply.number(time.get(0)) * 1_000_000 + Reply.number(time.get(1)),
        asked,
        answered);
  }

  private static Map<String, String> fields(String info) {
    Map<String, String> fields = new HashMap<>();
    for (String line : info.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  /// A time as servers tell it.
  static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /// What it tells of the stream.
  Mark mark() {
    return new Mark(Mark.Kind.SAMPLE, offset, timeMicros, 0, server);
  }

  /// The latest that the server's clock can have shown when our stopwatch showed `nanos`, later
  /// than this look.
  long latestMicros(long nanos) {
    return timeMicros + (long) Math.ceil((nanos - askedNanos) / 1_000.0 * DRIFT);
  }

  /// The mark of bytes that had arrived when our stopwatch showed `nanos`.
  Mark arrival(long arrivedOffset, long nanos) {
    long latest = latestMicros(nanos);
    return new Mark(Mark.Kind.ARRIVAL, arrivedOffset, latest, latest - timeMicros, server);
  }
}
