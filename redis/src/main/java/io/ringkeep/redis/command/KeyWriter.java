package io.ringkeep.redis.command;

import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.Bytes;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ErrorReply;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.ValueWalker;
import io.ringkeep.redis.replication.RestoreRefusals;
import io.ringkeep.redis.resp.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/// Writes records to one server as the commands that make them, key by key.
///
/// Each is written under a name of its own in the same slot ([PartName]) and renamed when all of it
/// is there, so nobody ever sees a part of it; what a killed run left under such a name is removed
/// when the next key of the slot is written. Its expiry is set before it is renamed.
///
/// Calls return when commands are on their way; [#flush] waits for the answers. Not for several
/// threads at once.
public final class KeyWriter implements AutoCloseable {
  private final CommandPipe pipe;
  private final Endpoint server;
  private final ConnectionOptions options;
  private final RestoreRefusals refusals;
  private final ValueWalker walker = new ValueWalker();
  private final ValueCommands commands;
  private final PartName partNames = new PartName();
  private int database;
  private long written;
  private long existing;
  private final BitSet elsewhere = new BitSet(Slot.COUNT);

  private KeyWriter(CommandPipe pipe, Endpoint server, ConnectionOptions options, Ability ability) {
    this.pipe = pipe;
    this.server = server;
    this.options = options;
    this.refusals = new RestoreRefusals(server, options);
    this.commands = new ValueCommands(pipe, ability);
  }

  /// Connects and logs in.
  ///
  /// @throws io.ringkeep.model.BackupException.Unavailable if nobody answers
  /// @throws io.ringkeep.model.BackupException.AccessDenied if a password is missing or wrong
  public static KeyWriter open(Endpoint server, ConnectionOptions options, Ability ability) {
    return new KeyWriter(CommandPipe.open(server, options), server, options, ability);
  }

  /// Sends a record; its buffers are free again when this returns.
  ///
  /// @param replace whether a key that is there is replaced; else it stays and is counted
  /// @param nowMillis a record that has expired by then is not written, and takes a key that is
  ///   there with it if `replace`, as `RESTORE` would
  /// @throws TargetRefused if the server does not take it
  /// @throws io.ringkeep.model.BackupException.Unavailable if the server is lost
  public void write(Record record, boolean replace, long nowMillis) {
    select(record.database());
    byte[] key = Bytes.of(record.key());
    if (record.expiredAt(nowMillis)) {
      if (replace) {
        pipe.command(ofKey(key, "DEL"), word("DEL"), key);
      }
      written++;
      return;
    }
    byte[] part = partNames.beside(record.key());
    pipe.command(ofKey(key, "DEL"), word("DEL"), part);
    PendingIds pending = new PendingIds();
    if (RdbType.logicalType(record.version(), record.type()) == LogicalType.STREAM) {
      walker.walk(record, pending);
    }
    commands.begin(part, ofKey(key, "a write"), pending);
    walker.walk(record, commands);
    commands.end();
    if (record.expires()) {
      pipe.command(
          ofKey(key, "PEXPIREAT"),
          word("PEXPIREAT"),
          part,
          word(Long.toString(record.expiryMillis())));
    }
    pipe.command(
        renamed(key, record.expires() || mayVanish(record)),
        word(replace ? "RENAME" : "RENAMENX"),
        part,
        key);
    if (!replace) {
      pipe.command(ofKey(key, "DEL"), word("DEL"), part);
    }
  }

  /// True if all of its fields can expire while it is written.
  private static boolean mayVanish(Record record) {
    return RdbType.of(record.version(), record.type()).orElseThrow().hasFieldExpiry();
  }

  private void select(int number) {
    if (number != database) {
      database = number;
      pipe.command(
          answer -> {
            if (answer instanceof Answer.Failure(String reply)) {
              throw refusals.ofDatabase(number, reply);
            }
          },
          "SELECT",
          Integer.toString(number));
    }
  }

  /// Removes a key.
  public void delete(int inDatabase, byte[] key) {
    select(inDatabase);
    pipe.command(ofKey(key, "DEL"), word("DEL"), key);
  }

  /// Waits until everything was answered.
  ///
  /// @throws RuntimeException as [#write] does
  public void flush() {
    pipe.flush();
  }

  /// Keys that were written, after [#flush].
  public long written() {
    return written;
  }

  /// Keys that were there and stayed.
  public long existing() {
    return existing;
  }

  /// Slots of the keys that were not written, since a cluster serves them elsewhere, or not alone.
  public BitSet elsewhere() {
    return (BitSet) elsewhere.clone();
  }

  private Consumer<Answer> renamed(byte[] key, boolean mayVanish) {
    return answer -> {
      switch (answer) {
        case Answer.Failure(String reply) -> {
          if (mayVanish && reply.startsWith("ERR no such key")) {
            written++;
          } else {
            refused(key, "RENAME", reply);
          }
        }
        case Answer.Count(long renamed) -> {
          if (renamed == 0) {
            existing++;
          } else {
            written++;
          }
        }
        case Answer.Status ignored -> written++;
        case Answer.Bulk ignored -> written++;
        case Answer.Items ignored -> written++;
        case Answer.Nothing ignored -> written++;
      }
    };
  }

  private Consumer<Answer> ofKey(byte[] key, String command) {
    return answer -> {
      if (answer instanceof Answer.Failure(String reply)) {
        refused(key, command, reply);
      }
    };
  }

  /// Notes that the key's slot is elsewhere, or throws what else the refusal means.
  private void refused(byte[] key, String command, String reply) {
    if (RestoreRefusals.servedElsewhere(reply)) {
      elsewhere.set(Slot.of(ByteBuffer.wrap(key)));
      return;
    }
    if (reply.startsWith("NOPERM")) {
      String denied = ErrorReply.deniedCommand(reply).orElse(command);
      throw ErrorReply.of(server, options, List.of(denied), reply);
    }
    throw refusals
        .ofAll(reply)
        .orElseGet(() ->
            new TargetRefused(
                "target refused a key: server=%s database=%d key=%s command=%s reply=%s"
                    .formatted(server, database, Printable.of(key), command, Printable.of(reply)),
                "the others are there; restore again when the reason is gone"));
  }

  private static byte[] word(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    pipe.close();
  }
}
