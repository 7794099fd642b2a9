package io.ringkeep.recover;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Bytes;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.replication.PrimarySession;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.HeldReplica;
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.scratch.HostRoom;
import io.ringkeep.scratch.ScratchServer;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// Rolls a shard forward in a server of our own and looks at one key on the way.
/* The server is a replica, and shows nobody a key that has expired by now, although it keeps it. Only its
 * primary, which we are, is let see it: so the key is asked for by a script in the stream, which writes what it
 * finds to two keys that do not expire, and these are read.
 */
public final class KeyRoll {
  private static final String LOOK =
      "local value = redis.call('DUMP', KEYS[1])"
          + " if value then redis.call('SET', KEYS[2], value)"
          + " redis.call('SET', KEYS[3], string.format('%.0f', redis.call('PEXPIRETIME', KEYS[1])))"
          + " else redis.call('DEL', KEYS[2], KEYS[3]) end";

  private static final byte[] VALUE = ascii("ringkeep:look:value");
  private static final byte[] EXPIRY = ascii("ringkeep:look:expiry");

  private final int database;
  private final ByteBuffer key;
  private final RdbVersion version;
  private final Deadline deadline;
  private final Taker taker;

  /// Takes what the key was.
  @FunctionalInterface
  public interface Taker {
    /// Takes it.
    ///
    /// @param offset that the shard has been rolled forward to
    /// @param record the key there; empty if it was not there
    void take(long offset, Optional<Record> record) throws IOException;
  }

  private KeyRoll(
      int database, ByteBuffer key, RdbVersion version, Deadline deadline, Taker taker) {
    this.database = database;
    this.key = key;
    this.version = version;
    this.deadline = deadline;
    this.taker = taker;
  }

  /// Rolls forward.
  ///
  /// @param stops offsets between transactions, ascending, from the base's to the cut's
  /// @throws io.ringkeep.model.BackupException if what it takes is damaged, no server program here
  ///   can load it, or a command could not be applied
  public static void run(
      ShardCut found,
      List<Long> stops,
      int database,
      ByteBuffer key,
      EngineSearch.Found engine,
      Repository repository,
      Deadline deadline,
      Clock clock,
      Progress progress,
      Taker taker)
      throws IOException, InterruptedException {
    KeyRoll roll = new KeyRoll(database, key, engine.version().newestRdb(), deadline, taker);
    Manifest base = found.cut().base().manifest();
    HostRoom.requireMemory(RollForward.leastMemory(List.of(found)));
    try (Lease _ = repository.leases().acquireRead("roll forward")) {
      ShardCut cut = found.again();
      repository.snapshots(base.cache()).requireUnchanged(base);
      try (ScratchServer server =
              ScratchServer.start(
                  engine.program(), Math.max(RollForward.databases(base), database + 1));
          HeldReplica _ =
              HeldReplica.load(
                  repository,
                  base,
                  cut.cut().base().slots(),
                  server.endpoint(),
                  ScratchServer.CONNECTION,
                  engine.version(),
                  (session, target, left) ->
                      new LogReplay(
                              cut.log(),
                              cut.cut(),
                              stops,
                              (offset, selected, imports) -> {
                                if (imports.isArriving(Slot.of(key))) {
                                  taker.take(offset, Optional.empty());
                                } else {
                                  roll.look(session, target, offset, selected);
                                }
                              })
                          .replay(session, target, left),
                  deadline,
                  clock,
                  progress)) {
        // Everything is seen on the way.
      }
    }
  }

  /// A program that can hold a moment, knows the commands of its log, and says until when a key
  /// lives.
  ///
  /// @param named searched for if absent
  public static EngineSearch.Found engine(Moment moment, Optional<Path> named)
      throws IOException, InterruptedException {
    EngineSearch.Found found = RollForward.engine(moment, named);
    if (found.version().tellsTimesToLive()) {
      throw new InvalidRequest(
          "a server before 7.0 does not say until when a key lives: program=%s version=%s"
              .formatted(found.program(), found.version()),
          "name a newer one with --engine; it may be of any version that takes the log");
    }
    return found;
  }

  private void look(PrimarySession session, ServerConnection target, long offset, int selected)
      throws IOException {
    session.sendStream(LogReplay.select(database));
    byte[] name = Bytes.of(key);
    session.sendStream(command(ascii("EVAL"), ascii(LOOK), ascii("3"), name, VALUE, EXPIRY));
    session.sendStream(LogReplay.select(selected));
    session.awaitApplied(deadline.left());
    target.command("SELECT", Integer.toString(database));
    Object value = target.command(ascii("GET"), VALUE);
    if (value == null) {
      taker.take(offset, Optional.empty());
    } else if (value instanceof byte[] payload) {
      long expiry = Long.parseLong(Reply.text(target.command(ascii("GET"), EXPIRY)));
      taker.take(
          offset,
          Optional.of(
              DumpPayload.record(
                  database,
                  key,
                  expiry < 0 ? Record.NO_EXPIRY : expiry,
                  ByteBuffer.wrap(payload),
                  version)));
    } else {
      throw new CorruptData("unexpected answer: server=" + target.endpoint(), null, null);
    }
  }

  private static ByteBuffer command(byte[]... words) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(ascii("*" + words.length + "\r\n"));
    for (byte[] word : words) {
      bytes.write(ascii("$" + word.length + "\r\n"));
      bytes.write(word);
      bytes.write(ascii("\r\n"));
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
