package io.ringkeep.redis.replication;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ErrorReply;
import io.ringkeep.redis.Sockets;
import io.ringkeep.redis.replication.PsyncReply.Continue;
import io.ringkeep.redis.replication.PsyncReply.FullResync;
import io.ringkeep.redis.replication.PsyncReply.NotYet;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.redis.resp.RespReader;
import io.ringkeep.redis.resp.RespWriter;
import io.ringkeep.redis.resp.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A link to a server as a replica has it: one full resynchronisation, and the command stream
/// behind it; or the stream alone, from where an earlier link had come to.
///
/// Calls go in this order: [#open], [#fullResync], [#rdb] read to its end; then, unless the link is
/// for the RDB only, [#acknowledge] and [#readCommands]. Or [#open], [#resume], and if that is
/// granted, the stream. One thread reads; another may acknowledge.
/* The server sees a replica that listens on port 65536. No replica can, so Sentinels, which would
 * remember us as a replica until they are reset (as they do with port 0), drop the entry, and
 * whoever reads INFO can tell us from a replica. Seen with Redis 6.0–8.0 and Valkey 8.1–9.1.
 */
public final class ReplicaLink implements AutoCloseable {
  /// The port that our links announce in `INFO replication`: none that a replica can have.
  public static final int ANNOUNCED_PORT = 65536;

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration ACKNOWLEDGE_EVERY = Duration.ofSeconds(1);
  private static final Set<String> KNOWN =
      Set.of(
          "NOAUTH",
          "WRONGPASS",
          "DENIED",
          "LOADING",
          "MASTERDOWN",
          "NOMASTERLINK",
          "BUSY",
          "CLUSTERDOWN");

  /// How a link is made.
  ///
  /// @param rdbOnly asks for an RDB without the stream, so that the server buffers no writes for
  ///   us; servers before 6.2 refuse and stream all the same
  /// @param emptyRdb asks for an RDB without keys, for a link that is for the stream alone; servers
  ///   before 7.0 refuse and send all of it
  /// @param announceVersion the server version we claim to be: Valkey 9 writes its own RDB format
  ///   only for replicas that say 9.0.0 or newer, and hash fields that expire in no other; Redis
  ///   refuses the word
  /// @param silence the longest wait for the next byte of an answer to `PSYNC`, an RDB or a stream
  public record Options(
      boolean rdbOnly, boolean emptyRdb, Optional<String> announceVersion, Duration silence) {
    /// For a snapshot: an RDB and nothing behind it.
    public static final Options SNAPSHOT =
        new Options(
            /* rdbOnly= */ true,
            /* emptyRdb= */ false,
            Optional.of("9.9.9"),
            Duration.ofSeconds(60));

    /// A whole RDB, then the stream.
    public static final Options STREAM =
        new Options(
            /* rdbOnly= */ false,
            /* emptyRdb= */ false,
            Optional.of("9.9.9"),
            Duration.ofSeconds(60));

    /// For an archive: the stream, behind an RDB without keys where the server makes one. A primary
    /// that is silent for three pings is taken for lost.
    public static final Options ARCHIVE =
        new Options(
            /* rdbOnly= */ false,
            /* emptyRdb= */ true,
            Optional.of("9.9.9"),
            Duration.ofSeconds(35));
  }

  private final Endpoint server;
  private final ConnectionOptions connection;
  private final Options options;
  private final Wire wire;
  private final RespReader in;
  private final RespWriter out;
  private @Nullable RdbStream rdb;
  private boolean resyncing;
  private boolean resumed;
  private long offset;
  private long acknowledged = -1;

  private ReplicaLink(Endpoint server, ConnectionOptions connection, Options options, Wire wire) {
    this.server = server;
    this.connection = connection;
    this.options = options;
    this.wire = wire;
    this.in = new RespReader(wire);
    this.out = new RespWriter(wire, 1024);
  }

  /// Connects and logs in. Nothing at the server has changed yet.
  ///
  /// @throws Unavailable if nobody answers
  /// @throws AccessDenied if a password is missing or wrong, or a right is
  public static ReplicaLink open(Endpoint server, ConnectionOptions connection, Options options) {
    Socket socket = Sockets.open(server, connection);
    ReplicaLink link;
    try {
      link = new ReplicaLink(server, connection, options, Wire.of(socket, options.silence()));
    } catch (IOException e) {
      closeQuietly(socket, e);
      throw Sockets.failure(server, connection, e);
    }
    try {
      link.logIn();
      return link;
    } catch (IOException e) {
      link.close();
      throw Sockets.failure(server, connection, e);
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
  }

  private static void closeQuietly(Socket socket, IOException failure) {
    try {
      socket.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void logIn() throws IOException {
    if (connection.password().isPresent()) {
      String password = connection.password().get().reveal();
      String reply =
          connection.user().isPresent()
              ? ask("AUTH", connection.user().get(), password)
              : ask("AUTH", password);
      if (!reply.equals(RespReader.OK)) {
        throw refusal("AUTH", reply);
      }
    }
    String reply = ask("PING");
    if (!reply.equals("+PONG") && !PsyncReplyParser.isNotYet(reply)) {
      throw refusal("PING", reply);
    }
  }

  /// Asks for a full resynchronisation and waits until the server begins one: while it loads, while
  /// its own primary is away, while it saves for somebody else.
  ///
  /// @param patience how long to wait and ask again
  /// @return where the RDB stands in which history
  /// @throws Unavailable if it has not begun by then, or the link is lost
  /// @throws AccessDenied if the server refuses; the hint says what would let us
  public FullResync fullResync(Duration patience) {
    return switch (sync(patience, "?", "-1")) {
      case FullResync full -> full;
      case Continue resumed -> throw notASource("+CONTINUE " + resumed.replid());
      case NotYet notYet -> throw new IllegalStateException("asked until it was ready");
    };
  }

  /// Asks for the stream from an offset on, and waits until the server grants that or begins a full
  /// resynchronisation instead.
  ///
  /// @param replid history that our bytes belong to
  /// @param reached offset behind the last byte that we have
  /// @param patience how long to wait and ask again
  /// @return [Continue] with the history that the stream belongs to now, or [FullResync] with a
  ///   dataset that comes by [#rdb]
  /// @throws Unavailable as [#fullResync]
  /// @throws AccessDenied as [#fullResync]
  public PsyncReply resume(String replid, long reached, Duration patience) {
    PsyncReply reply = sync(patience, replid, Long.toString(reached + 1));
    if (reply instanceof Continue(String now)) {
      offset = reached;
      resumed = true;
      return new Continue(now.isEmpty() ? replid : now);
    }
    return reply;
  }

  private PsyncReply sync(Duration patience, String replid, String from) {
    if (resyncing) {
      throw new IllegalStateException("one synchronisation a link");
    }
    resyncing = true;
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      announce();
      while (true) {
        out.command("PSYNC", replid, from).flush();
        // A server that saves for somebody else sends a bare newline each second meanwhile:
        // `replicationCron` in `replication.c`.
        String line =
            nonEmptyLine(Duration.ofNanos(deadline - System.nanoTime()), options.silence());
        PsyncReply reply = PsyncReplyParser.parse(line).orElseThrow(() -> refusal("PSYNC", line));
        switch (reply) {
          case FullResync full -> {
            offset = full.offset();
            return full;
          }
          case Continue granted -> {
            return granted;
          }
          case NotYet notYet -> pause(deadline, notYet.reply());
        }
      }
    } catch (SocketTimeoutException e) {
      if (System.nanoTime() < deadline) {
        throw new Unavailable(
            "source fell silent before it synchronised: server=%s seconds=%d"
                .formatted(server, options.silence().toSeconds()),
            "check the network and the source's load, then run it again",
            e);
      }
      throw new Unavailable(
          "source began no full resynchronisation in time: server=%s seconds=%d"
              .formatted(server, patience.toSeconds()),
          "another save or resynchronisation may be running there: see its log, or allow more time",
          e);
    } catch (EOFException e) {
      throw new Unavailable(
          "source closed the link before its RDB: server=" + server,
          "its log says why: a failed fork or save, or the end of the process",
          e);
    } catch (IOException e) {
      throw Sockets.failure(server, connection, e);
    }
  }

  /// What a replica says before `PSYNC`. Neither `rdb-channel-repl` nor `dual-channel` is among its
  /// capabilities: a server that hears them (Redis 8, Valkey 8) answers with a second connection.
  private void announce() throws IOException {
    require("listening-port", Integer.toString(ANNOUNCED_PORT));
    require("capa", "eof", "capa", "psync2");
    if (options.announceVersion().isPresent()) {
      offer("version", options.announceVersion().get());
    }
    if (options.rdbOnly()) {
      offer("rdb-only", "1");
    }
    if (options.emptyRdb()) {
      offer("rdb-filter-only", "");
    }
  }

  private void require(String... words) throws IOException {
    String reply = replconf(words);
    if (!reply.equals(RespReader.OK)) {
      throw refusal("REPLCONF", reply);
    }
  }

  /// Like [#require], of a word that some servers do not know.
  private void offer(String... words) throws IOException {
    String reply = replconf(words);
    if (!reply.equals(RespReader.OK) && !reply.startsWith("-ERR Unrecognized REPLCONF option")) {
      throw refusal("REPLCONF", reply);
    }
  }

  private String replconf(String... words) throws IOException {
    String[] command = new String[words.length + 1];
    command[0] = "REPLCONF";
    System.arraycopy(words, 0, command, 1, words.length);
    return ask(command);
  }

  private String ask(String... command) throws IOException {
    out.command(command).flush();
    return nonEmptyLine(connection.commandTimeout(), connection.commandTimeout());
  }

  /// The next line that says something: bare newlines are signs of life. `patience` is for all of
  /// them, `silence` for each.
  private String nonEmptyLine(Duration patience, Duration silence) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      String line = in.line(left.compareTo(silence) < 0 ? left : silence);
      if (!line.isEmpty()) {
        return line;
      }
    }
  }

  private void pause(long deadline, String reply) {
    try {
      if (System.nanoTime() + PAUSE.toNanos() < deadline) {
        Thread.sleep(PAUSE);
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable(
          "interrupted while the source was not ready: server=" + server, null, e);
    }
    throw new Unavailable(
        "source was not ready in time: server=" + server + " reply=" + Printable.of(reply),
        "wait until it has its data and its primary, or use another source",
        null);
  }

  /// The RDB, from its first byte to its last.
  ///
  /// Waits for the server to have one. Its end is reported only when all of it was received; a link
  /// that ends, fails or falls silent before is an [Unavailable] out of `read`.
  ///
  /// @throws Unavailable if the server cannot make one, or the link is lost
  public ReadableByteChannel rdb() {
    if (!resyncing || resumed || rdb != null) {
      throw new IllegalStateException("the RDB comes once, after fullResync");
    }
    String head;
    try {
      do {
        head = in.line(options.silence());
      } while (head.isEmpty());
    } catch (SocketTimeoutException e) {
      throw new Unavailable(
          "source fell silent before its RDB: server=%s seconds=%d"
              .formatted(server, options.silence().toSeconds()),
          "check the network and the source's load, then run it again",
          e);
    } catch (IOException e) {
      throw new Unavailable(
          "source closed the link before its RDB: server=" + server,
          "its log says why: a failed fork or save, or the end of the process",
          e);
    }
    if (head.matches("\\$EOF:.{40}")) {
      byte[] mark = head.substring(5).getBytes(StandardCharsets.ISO_8859_1);
      rdb = new RdbStream.UpToMark(in, server, options.silence(), mark);
    } else if (head.matches("\\$[0-9]{1,18}")) {
      long length = Long.parseLong(head, 1, head.length(), 10);
      rdb = new RdbStream.OfLength(in, server, options.silence(), length);
    } else if (head.startsWith("-")) {
      throw cannotSave(head);
    } else {
      throw notASource(head);
    }
    return rdb;
  }

  /// Tells the server that everything before `newOffset` is in our keeping. Its `WAIT` and
  /// `min-replicas-to-write` count on that, so say it of what is durable only.
  ///
  /// The stream may not begin before the first of these; [#readCommands] repeats the last one.
  public synchronized void acknowledge(long newOffset) {
    acknowledged = newOffset;
    try {
      out.command("REPLCONF", "ACK", Long.toString(newOffset)).flush();
    } catch (IOException e) {
      throw Sockets.failure(server, connection, e);
    }
  }

  /// Reads what has come of the command stream, waiting for its first byte. While it waits, each
  /// second, it repeats the last acknowledgement: a server that has sent its RDB up to a mark
  /// overlooks those that come before it has noticed its own end.
  ///
  /// @return how many bytes, at least one
  /// @throws Unavailable if the link is lost, or silent for longer than a link should be
  public int readCommands(ByteBuffer into) {
    if (!resumed && (rdb == null || !rdb.ended() || options.rdbOnly())) {
      throw new IllegalStateException("the stream comes after the whole RDB, if asked for");
    }
    long deadline = System.nanoTime() + options.silence().toNanos();
    try {
      while (true) {
        try {
          int count = in.read(into, ACKNOWLEDGE_EVERY);
          if (count < 0) {
            throw new EOFException();
          }
          offset += count;
          return count;
        } catch (SocketTimeoutException e) {
          if (System.nanoTime() >= deadline) {
            throw e;
          }
        }
        repeatAcknowledgement();
      }
    } catch (IOException e) {
      throw Sockets.failure(server, connection, e);
    }
  }

  private synchronized void repeatAcknowledgement() {
    if (acknowledged >= 0) {
      acknowledge(acknowledged);
    }
  }

  /// How many bytes of its history the server had sent when the last byte read was: the full
  /// resynchronisation's offset, and what [#readCommands] has read since.
  public long offset() {
    return offset;
  }

  @Override
  public void close() {
    wire.close();
  }

  private static String code(String reply) {
    return reply.split(" ", 2)[0];
  }

  private RuntimeException refusal(String command, String line) {
    if (!line.startsWith("-")) {
      return notASource(line);
    }
    String reply = line.substring(1);
    if (command.equals("AUTH") || KNOWN.contains(code(reply)) || reply.startsWith("ERR max")) {
      return ErrorReply.of(server, connection, List.of(command), reply);
    }
    if (reply.startsWith("ERR BGSAVE failed")) {
      return cannotSave(line);
    }
    String where = "server=" + server + " command=" + command;
    if (code(reply).equals("NOPERM")) {
      String user = connection.effectiveUser();
      return new AccessDenied(
          "user lacks a replica's rights: " + where + " user=" + user,
          "grant them with: " + AclAdvice.line(user, List.of("+psync", "+replconf", "+ping")),
          null);
    }
    return new AccessDenied(
        "server does not let itself be replicated: " + where + " reply=" + Printable.of(reply),
        "its operator has renamed or forbidden the command, as managed services do: ask for it, or"
            + " import an RDB file that the service exports",
        null);
  }

  private Unavailable cannotSave(String line) {
    return new Unavailable(
        "source cannot make an RDB: server=" + server + " reply=" + Printable.of(line.substring(1)),
        "its log says why: memory for the fork, or a full disk",
        null);
  }

  private InvalidRequest notASource(String line) {
    return new InvalidRequest(
        "not an answer of a replication source: server=%s reply=%s"
            .formatted(server, Printable.of(line)),
        "is this the address of a Redis or Valkey server?");
  }
}
