package io.ringkeep.redis.command;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.ErrorReply;
import io.ringkeep.redis.rdb.DumpPayload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// Reads keys of one server by name: value and expiry, as `DUMP` and `PEXPIRETIME` tell them.
public final class KeyDumps implements AutoCloseable {
  /*
   * The two are asked one after the other, so a key could be replaced in between. The expiry is asked before and
   * after: where both agree, it belongs to the value.
   *
   * Before Redis 7.0 there is only PTTL, the time left. With the server's clock asked in front of a page, and that
   * page answered at once, the moment is right to some milliseconds; there, both answers may differ by as much.
   */
  private static final int ATTEMPTS = 5;
  private static final long NEAR_MILLIS = 50;

  private static final byte[] DUMP = word("DUMP");
  private static final byte[] PEXPIRETIME = word("PEXPIRETIME");
  private static final byte[] PTTL = word("PTTL");

  private final Endpoint server;
  private final ConnectionOptions options;
  private final CommandPipe pipe;
  private final RdbVersion version;
  private final boolean absolute;
  private int database;
  private long serverMillis;

  private KeyDumps(
      Endpoint server, ConnectionOptions options, CommandPipe pipe, EngineVersion engine) {
    this.server = server;
    this.options = options;
    this.pipe = pipe;
    this.version = engine.newestRdb();
    this.absolute = engine.hasFunctions();
  }

  /// Connects and logs in.
  ///
  /// @param engine of the server
  /// @param readOnly whether it is a cluster's replica, which has to be told
  public static KeyDumps open(
      Endpoint server, ConnectionOptions options, EngineVersion engine, boolean readOnly) {
    CommandPipe pipe = CommandPipe.open(server, options);
    if (readOnly) {
      pipe.command(pipe.required("READONLY"), "READONLY");
    }
    return new KeyDumps(server, options, pipe, engine);
  }

  /// The keys that are there, each with buffers of its own.
  ///
  /// @throws Unavailable if a key's slot is not this server's any more
  public List<Record> read(int inDatabase, List<byte[]> keys) {
    if (inDatabase != database) {
      database = inDatabase;
      pipe.command(pipe.required("SELECT"), "SELECT", Integer.toString(database));
    }
    List<Record> records = new ArrayList<>();
    List<byte[]> left = keys;
    for (int attempt = 1; !left.isEmpty(); attempt++) {
      List<Asked> asked = ask(left);
      left = new ArrayList<>();
      for (Asked one : asked) {
        if (one.agrees() || attempt == ATTEMPTS) {
          one.record().ifPresent(records::add);
        } else {
          left.add(one.key);
        }
      }
    }
    return records;
  }

  private List<Asked> ask(List<byte[]> keys) {
    if (!absolute) {
      pipe.command(this::clock, "TIME");
      pipe.flush();
    }
    List<Asked> asked = new ArrayList<>();
    byte[] expiry = absolute ? PEXPIRETIME : PTTL;
    for (byte[] key : keys) {
      Asked one = new Asked(key);
      asked.add(one);
      pipe.command(number(millis -> one.before = millis), expiry, key);
      pipe.command(one::value, DUMP, key);
      pipe.command(number(millis -> one.after = millis), expiry, key);
    }
    pipe.flush();
    return asked;
  }

  private void clock(Answer answer) {
    if (answer instanceof Answer.Items(List<Answer> parts)
        && parts.get(0) instanceof Answer.Bulk(ByteBuffer seconds)
        && parts.get(1) instanceof Answer.Bulk(ByteBuffer micros)) {
      serverMillis = number(seconds) * 1000 + number(micros) / 1000;
    } else {
      refuse(answer, "TIME");
    }
  }

  private Consumer<Answer> number(LongConsumer taker) {
    return answer -> {
      if (answer instanceof Answer.Count(long value)) {
        taker.accept(value);
      } else {
        refuse(answer, absolute ? "PEXPIRETIME" : "PTTL");
      }
    };
  }

  private void refuse(Answer answer, String command) {
    if (answer instanceof Answer.Failure(String reply)) {
      if (reply.startsWith("MOVED") || reply.startsWith("ASK")) {
        throw new Unavailable(
            "slots move while they are scanned: server=%s reply=%s".formatted(server, reply),
            "wait until the resharding has ended",
            null);
      }
      throw ErrorReply.of(server, options, List.of(command), reply);
    }
    throw new CorruptData(
        "unexpected answer: server=%s command=%s".formatted(server, command), null, null);
  }

  private static long number(ByteBuffer digits) {
    return Long.parseLong(StandardCharsets.US_ASCII.decode(digits.duplicate()).toString());
  }

  private final class Asked {
    private final byte[] key;
    private long before;
    private long after;
    private Optional<ByteBuffer> payload = Optional.empty();

    Asked(byte[] key) {
      this.key = key;
    }

    void value(Answer answer) {
      switch (answer) {
        case Answer.Bulk(ByteBuffer bytes) -> payload = Optional.of(bytes);
        case Answer.Nothing() -> payload = Optional.empty();
        case Answer.Failure ignored -> refuse(answer, "DUMP");
        case Answer.Status ignored -> refuse(answer, "DUMP");
        case Answer.Items ignored -> refuse(answer, "DUMP");
        case Answer.Count ignored -> refuse(answer, "DUMP");
      }
    }

    boolean agrees() {
      boolean both = before >= 0 == after >= 0;
      return payload.isEmpty()
          || (both && (absolute ? before == after : Math.abs(before - after) <= NEAR_MILLIS));
    }

    /// Empty if the key is gone.
    Optional<Record> record() {
      return payload.map(bytes -> {
        long expiry = after < 0 ? Record.NO_EXPIRY : absolute ? after : serverMillis + after;
        return DumpPayload.record(database, ByteBuffer.wrap(key), expiry, bytes, version);
      });
    }
  }

  private static byte[] word(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    pipe.close();
  }
}
