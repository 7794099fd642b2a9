package io.ringkeep.recover;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.replication.PrimarySession;
import io.ringkeep.redis.stream.RelativeExpiry;
import io.ringkeep.redis.stream.SlotImports;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.StretchReader;
import io.ringkeep.restore.Tail;
import io.ringkeep.task.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Sends a target the stream from its base to the cut, byte for byte but for what [StreamPass]
/// leaves out and adds.
/* The log is read from the start of the segment that the base's offset lies in, since only there is it
 * known which database commands go to. What comes before the base is cut and dropped, then a SELECT of
 * our own stands in for those that were.
 */
final class LogReplay implements Tail {
  /// What a server counts when a command of its primary's stream fails: it goes on, and nobody
  /// hears.
  private static final String ERRORS = "unexpected_error_replies";

  private final ShardLog log;
  private final Cut cut;
  private final List<Long> stops;
  private final Stop stop;
  private long commands;
  private SlotImports imports = new SlotImports();

  /// Looks at a target on the way.
  interface Stop {
    /// The target has applied everything up to `offset`. What is sent to it here must leave it in
    /// the same database.
    ///
    /// @param imports slots that it has keys of which do not count there yet
    void at(long offset, int database, SlotImports imports) throws IOException;
  }

  LogReplay(ShardLog log, Cut cut) {
    this(log, cut, List.of(), (_, _, _) -> {});
  }

  /// @param stops offsets between transactions, ascending, from the base to the cut
  LogReplay(ShardLog log, Cut cut, List<Long> stops, Stop stop) {
    this.log = log;
    this.cut = cut;
    this.stops = stops;
    this.stop = stop;
  }

  @Override
  public void check() throws IOException {
    if (cut.offset() > cut.base().offset()) {
      StretchReader reader = log.read(cut.stretch(), cut.base().offset());
      for (long at = reader.start(); at < cut.offset(); ) {
        int bytes = reader.next().remaining();
        require(bytes > 0, at);
        at += bytes;
      }
    }
  }

  @Override
  public void replay(PrimarySession session, ServerConnection target, Deadline deadline)
      throws IOException {
    long errors = errors(target);
    send(session);
    session.awaitApplied(deadline.left());
    long more = errors(target) - errors;
    if (more > 0) {
      throw new TargetRefused(
          "the target could not apply commands of the log: server=%s errors=%d"
              .formatted(target.endpoint(), more),
          "it has to be as new as the source, with the same modules and no renamed commands; what it"
              + " holds now is incomplete");
    }
  }

  private static long errors(ServerConnection target) {
    return Long.parseLong(target.info("stats").getOrDefault(ERRORS, "0"));
  }

  private void send(PrimarySession session) throws IOException {
    long base = cut.base().offset();
    if (base == cut.offset() && stops.isEmpty()) {
      return;
    }
    StretchReader reader = log.read(cut.stretch(), base);
    StreamState state = reader.state();
    Optional<AbsoluteExpiries> expiries =
        EngineVersion.named(reader.segment().engine()).tellsTimesToLive()
            ? Optional.of(new AbsoluteExpiries(log, cut.stretch()))
            : Optional.empty();
    StreamCutter cutter =
        new StreamCutter(
            reader.start(),
            state.database(),
            state.insideTransaction(),
            expiries.isPresent() ? RelativeExpiry.WORDS : 2,
            expiries.isPresent());
    ByteBuffer bytes = reader.next();
    while (cutter.commandEnd() < base) {
      require(bytes.hasRemaining(), cutter.commandEnd());
      cutter.feed(bytes, command -> command.end() < base);
      if (cutter.commandEnd() < base) {
        bytes = reader.next();
      }
    }
    require(cutter.commandEnd() == base && !cutter.insideTransaction(), base);
    session.sendStream(select(cutter.database()));
    StreamPass pass = new StreamPass(session::sendStream, cutter, expiries);
    long at = base;
    int next = 0;
    while (true) {
      if (next < stops.size() && stops.get(next) == at) {
        require(cutter.commandEnd() == at && !cutter.insideTransaction(), at);
        stop.at(at, cutter.database(), pass.imports());
        next++;
      }
      if (at >= cut.offset()) {
        break;
      }
      if (!bytes.hasRemaining()) {
        bytes = reader.next();
        require(bytes.hasRemaining(), at);
      }
      long until = next < stops.size() ? stops.get(next) : cut.offset();
      int count = (int) Math.min(bytes.remaining(), until - at);
      pass.pass(bytes.slice(bytes.position(), count), reader.segment());
      bytes.position(bytes.position() + count);
      at += count;
    }
    require(cutter.commandEnd() == cut.offset() && !cutter.insideTransaction(), cut.offset());
    commands = pass.commands();
    imports = pass.imports();
  }

  private void require(boolean holds, long offset) {
    if (!holds) {
      throw new CorruptData(
          "the log is not cut between transactions there: shard=%s offset=%d"
              .formatted(cut.shard(), offset),
          "run 'verify', and restore to another moment",
          null);
    }
  }

  static ByteBuffer select(int database) {
    String number = Integer.toString(database);
    return StandardCharsets.US_ASCII.encode(
        "*2\r\n$6\r\nSELECT\r\n$" + number.length() + "\r\n" + number + "\r\n");
  }

  /// Commands that were replayed and change data.
  long commands() {
    return commands;
  }

  /// Slots that came to the shard as a whole behind its base, or were on their way at the cut.
  SlotImports imports() {
    return imports;
  }
}
