package io.ringkeep.redis.replication;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Bytes;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ErrorReply;
import io.ringkeep.redis.Sockets;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.redis.resp.RespReader;
import io.ringkeep.redis.resp.RespWriter;
import io.ringkeep.redis.resp.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Records sent to one server as pipelined `RESTORE`, each with its absolute expiry and its heat.
///
/// Calls return when a record is on its way, not when it is there: [#flush] waits for that. What
/// the server thinks of one record ([#counts], [#failures]) keeps nothing back; what it thinks of
/// all of them (no memory, read-only, no rights, gone) is thrown by the next call, and nothing more
/// is sent. Records whose slot a cluster serves elsewhere are not stored: [#elsewhere] names it.
///
/// A record whose expiry has passed is answered like any other and not stored. Not for several
/// threads at once.
/* The caller's thread writes, another reads the answers; between them a window of commands on their
 * way, which bounds what an answer can refer to. The server is never left without commands: the
 * window holds many times what it reads at once (16 KiB). Large values go from the record's buffer
 * to the socket; only their checksum is computed here.
 *
 * The reader is a platform thread: it waits in a selector after each of those 16 KiB, and as a
 * virtual one it took half as much CPU again for all of the work.
 */
public final class BulkRestore implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);

  /// Parts that are the same each time, as they go over the wire.
  private static final ByteBuffer RESTORE = wire("$7\r\nRESTORE\r\n");

  private static final ByteBuffer ABSTTL = wire("$6\r\nABSTTL\r\n");
  private static final ByteBuffer ABSTTL_REPLACE = wire("$6\r\nABSTTL\r\n$7\r\nREPLACE\r\n");
  private static final ByteBuffer IDLETIME = wire("$8\r\nIDLETIME\r\n");
  private static final ByteBuffer FREQ = wire("$4\r\nFREQ\r\n");

  /// How many answers are counted before the writer hears of them.
  private static final int ANSWERS_AT_ONCE = 64;

  /// How much is on its way at most.
  ///
  /// @param commands commands without an answer
  /// @param bytes their size; a larger single one goes alone
  /// @param gatheredBytes how much is gathered into one send
  /// @param failures how many refused records are remembered
  public record Options(int commands, long bytes, int gatheredBytes, int failures) {
    public static final Options DEFAULT = new Options(16 * 1024, 8 << 20, 256 * 1024, 100);
  }

  /// What became of the records.
  ///
  /// @param restored the server took it
  /// @param existing a key of that name was there and stayed (`BUSYKEY`)
  /// @param refused the server took it not, for a reason of its own
  public record Counts(long restored, long existing, long refused) {}

  /// A record that the server refused.
  ///
  /// @param key printable
  /// @param reply the server's words
  public record Failure(int database, String key, String reply) {
    @Override
    public String toString() {
      return "database=" + database + " key=" + key + " reply=" + reply;
    }
  }

  private final Endpoint server;
  private final ConnectionOptions connection;
  private final Options options;
  private final Wire wire;
  private final RespReader in;
  private final RespWriter out;
  private final RestoreWindow window;
  private final RestoreRefusals refusals;
  private final ByteBuffer trailer = ByteBuffer.allocateDirect(DumpPayload.TRAILER_BYTES);
  private final AtomicReference<@Nullable RuntimeException> fatal = new AtomicReference<>();
  private final List<Failure> failures = new ArrayList<>();
  private final BitSet elsewhere = new BitSet(Slot.COUNT);
  private int database;
  private volatile boolean closed;

  // Written by the reading thread.
  private volatile Counts counts = new Counts(0, 0, 0);

  private BulkRestore(Endpoint server, ConnectionOptions connection, Options options, Wire wire) {
    this.server = server;
    this.connection = connection;
    this.options = options;
    this.wire = wire;
    this.in = new RespReader(wire);
    this.out = new RespWriter(wire, options.gatheredBytes());
    this.window = new RestoreWindow(options.commands(), options.bytes());
    this.refusals = new RestoreRefusals(server, connection);
  }

  /// Connects and logs in.
  ///
  /// @throws Unavailable if nobody answers
  /// @throws AccessDenied if a password is missing or wrong
  public static BulkRestore open(Endpoint server, ConnectionOptions connection, Options options) {
    Socket socket = Sockets.open(server, connection);
    try {
      Wire wire = Wire.of(socket, connection.commandTimeout());
      BulkRestore restore = new BulkRestore(server, connection, options, wire);
      try {
        restore.logIn();
        Thread.ofPlatform().daemon().name("bulk-restore-" + server).start(restore::readReplies);
        return restore;
      } catch (IOException | RuntimeException e) {
        wire.close();
        throw e;
      }
    } catch (IOException e) {
      throw Sockets.failure(server, connection, e);
    }
  }

  private void logIn() throws IOException {
    if (connection.password().isEmpty()) {
      return;
    }
    String password = connection.password().get().reveal();
    if (connection.user().isPresent()) {
      out.command("AUTH", connection.user().get(), password).flush();
    } else {
      out.command("AUTH", password).flush();
    }
    String reply = in.line(connection.commandTimeout());
    if (!reply.equals(RespReader.OK)) {
      throw ErrorReply.of(server, connection, List.of("AUTH"), withoutSign(reply));
    }
  }

  /// Sends a record. Its buffers are free again when this returns.
  ///
  /// @param stamp RDB version to put on it: one that the server takes, whoever wrote the value
  /// @param replace whether a key that is there is replaced; else it stays and is counted
  /// @throws TargetRefused if the server has no memory for more, or takes no writes
  /// @throws AccessDenied if the user may not restore
  /// @throws Unavailable if the server is lost
  public void restore(Record record, RdbVersion stamp, boolean replace) {
    throwIfFatal();
    try {
      if (record.database() != database) {
        select(record.database());
      }
      ByteBuffer value = record.value();
      long payload = DumpPayload.bytes(value.remaining());
      enter(new RestoreWindow.Sent(database, Bytes.of(record.key()), payload));
      int words = 5 + (replace ? 1 : 0) + (record.heat() instanceof Heat.Unknown ? 0 : 2);
      out.array(words)
          .raw(RESTORE)
          .bulk(record.key())
          .bulk(record.expires() ? record.expiryMillis() : 0)
          .bulkHead(payload)
          .raw((byte) record.type())
          .raw(value);
      DumpPayload.putTrailer(trailer, 0, record, stamp);
      out.raw(trailer).end().raw(replace ? ABSTTL_REPLACE : ABSTTL);
      switch (record.heat()) {
        case Heat.Unknown unknown -> {
          // Nothing to say.
        }
        case Heat.Idle(long seconds) -> out.raw(IDLETIME).bulk(seconds);
        case Heat.Frequency(int counter) -> out.raw(FREQ).bulk(counter);
      }
    } catch (IOException e) {
      throw lost(e);
    }
  }

  private void select(int number) throws IOException {
    enter(new RestoreWindow.Sent(number, null, 0));
    out.command("SELECT", Integer.toString(number));
    database = number;
  }

  private void enter(RestoreWindow.Sent command) throws IOException {
    if (window.tryEnter(command)) {
      return;
    }
    out.flush();
    try {
      window.enter(command);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    throwIfFatal();
  }

  /// Sends what is gathered and waits until the server has answered everything.
  ///
  /// @throws RuntimeException as [#restore] does
  public void flush() {
    throwIfFatal();
    try {
      out.flush();
      window.awaitEmpty();
    } catch (IOException e) {
      throw lost(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    throwIfFatal();
  }

  /// What became of the records that are answered so far: of all of them after [#flush].
  public Counts counts() {
    return counts;
  }

  /// The first records that were refused.
  public List<Failure> failures() {
    synchronized (failures) {
      return List.copyOf(failures);
    }
  }

  /// Slots of the records that were not stored, since the server does not serve them, or not alone.
  public BitSet elsewhere() {
    synchronized (elsewhere) {
      return (BitSet) elsewhere.clone();
    }
  }

  private void readReplies() {
    Deque<RestoreWindow.Sent> sent = new ArrayDeque<>();
    try {
      while (!closed) {
        String line = nextLine();
        int answers = 0;
        long bytes = 0;
        while (true) {
          RestoreWindow.Sent command = answered(sent, line);
          answers++;
          bytes += command.bytes();
          if (answers == ANSWERS_AT_ONCE || !in.hasBuffered()) {
            break;
          }
          line = nextLine();
        }
        window.answered(answers, bytes);
      }
    } catch (IOException e) {
      fail(Sockets.failure(server, connection, e));
      wire.close();
    } finally {
      window.close();
    }
  }

  /// The next answer, however long nothing is asked.
  private String nextLine() throws IOException {
    while (true) {
      try {
        return in.line(TICK);
      } catch (SocketTimeoutException e) {
        if (window.silentNanos() > connection.commandTimeout().toNanos()) {
          throw e;
        }
      }
    }
  }

  /// Records what an answer means.
  ///
  /// @return the command that it is to
  private RestoreWindow.Sent answered(Deque<RestoreWindow.Sent> sent, String line)
      throws IOException {
    if (sent.isEmpty()) {
      window.take(sent);
    }
    RestoreWindow.@Nullable Sent command = sent.pollFirst();
    if (command == null) {
      // Such as "max number of clients reached", before any command was read.
      fail(ErrorReply.of(server, connection, List.of("RESTORE"), withoutSign(line)));
      throw new EOFException();
    }
    byte[] key = command.key();
    if (key != null) {
      count(command, key, line);
    } else if (!line.equals(RespReader.OK)) {
      fail(refusals.ofDatabase(command.database(), withoutSign(line)));
    }
    return command;
  }

  private void count(RestoreWindow.Sent sent, byte[] key, String line) {
    Counts before = counts;
    if (line.equals(RespReader.OK)) {
      counts = new Counts(before.restored() + 1, before.existing(), before.refused());
    } else if (line.startsWith("-BUSYKEY")) {
      counts = new Counts(before.restored(), before.existing() + 1, before.refused());
    } else if (RestoreRefusals.servedElsewhere(withoutSign(line))) {
      synchronized (elsewhere) {
        elsewhere.set(Slot.of(ByteBuffer.wrap(key)));
      }
    } else {
      counts = new Counts(before.restored(), before.existing(), before.refused() + 1);
      refused(sent, withoutSign(line));
    }
  }

  /// An answer that is about one key is remembered; one that every other key would get too ends the
  /// work.
  private void refused(RestoreWindow.Sent sent, String reply) {
    Optional<RuntimeException> all = refusals.ofAll(reply);
    if (all.isPresent()) {
      fail(all.get());
      return;
    }
    synchronized (failures) {
      if (failures.size() < options.failures() && sent.key() != null) {
        failures.add(new Failure(sent.database(), Printable.of(sent.key()), Printable.of(reply)));
      }
    }
  }

  /// Ends the work: whoever waits goes on, and finds out.
  private void fail(RuntimeException why) {
    fatal.compareAndSet(null, why);
    window.close();
  }

  private void throwIfFatal() {
    RuntimeException why = fatal.get();
    if (why != null) {
      throw why;
    }
  }

  /// The server's last words, if it had any, say more than a broken pipe.
  private RuntimeException lost(IOException failure) {
    try {
      window.awaitEmpty();
    } catch (InterruptedException e) {
      return interrupted(e);
    }
    fail(Sockets.failure(server, connection, failure));
    RuntimeException why = fatal.get();
    return why == null ? new IllegalStateException(failure) : why;
  }

  private Unavailable interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new Unavailable("interrupted while restoring: server=" + server, null, cause);
  }

  private static String withoutSign(String line) {
    return line.isEmpty() ? line : line.substring(1);
  }

  private static ByteBuffer wire(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /// Ends the connection; what was sent and not answered may be there or not.
  @Override
  public void close() {
    closed = true;
    wire.close();
  }
}
