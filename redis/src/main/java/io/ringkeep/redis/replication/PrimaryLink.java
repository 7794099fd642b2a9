package io.ringkeep.redis.replication;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.Sockets;
import io.ringkeep.redis.TlsFiles;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.redis.resp.RespReader;
import io.ringkeep.redis.resp.RespWriter;
import io.ringkeep.redis.resp.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The primary that a target of a restore replicates from: it listens, and targets dial it.
///
/// The caller sends `REPLICAOF <address> <port>` to the target and waits in [#accept]; then
/// [PrimarySession#sendRdb] and [PrimarySession#awaitLoaded]; then the caller promotes the target
/// with `REPLICAOF NO ONE`. Until `sendRdb` the target has lost nothing, so `accept` is also the
/// test whether the target can reach us.
///
/// What is sent is the whole dataset: whoever dials from another address than the target's is
/// turned away.
public final class PrimaryLink implements AutoCloseable {
  /// A target goes through its handshake without a pause.
  private static final Duration HANDSHAKE_STEP = Duration.ofSeconds(10);

  /// A replica whose link broke dials again within a second, once it has dropped what it had read.
  private static final Duration DIALS_AGAIN_WITHIN = Duration.ofSeconds(5);

  private static final int TLS_HANDSHAKE = 0x16;

  private final ServerSocketChannel listener;
  private final Set<InetAddress> targets;
  private final Optional<TlsFiles> tls;
  private final Duration silence;

  private PrimaryLink(
      ServerSocketChannel listener,
      Set<InetAddress> targets,
      Optional<TlsFiles> tls,
      Duration silence) {
    this.listener = listener;
    this.targets = targets;
    this.tls = tls;
    this.silence = silence;
  }

  /// Listens for plain links on a free port of `address`.
  ///
  /// @param targets who may dial
  public static PrimaryLink listen(InetAddress address, Set<InetAddress> targets) {
    return listen(new InetSocketAddress(address, 0), targets, Optional.empty());
  }

  /// Listens for links.
  ///
  /// @param address where; port 0 for any that is free
  /// @param targets who may dial
  /// @param tls our certificate, for targets that dial with TLS (`tls-replication yes`); the plain
  ///   ones are answered all the same
  /// @throws InvalidRequest if nobody can listen there
  public static PrimaryLink listen(
      InetSocketAddress address, Set<InetAddress> targets, Optional<TlsFiles> tls) {
    try {
      ServerSocketChannel listener = ServerSocketChannel.open();
      try {
        listener.bind(address);
        return new PrimaryLink(listener, Set.copyOf(targets), tls, Duration.ofSeconds(60));
      } catch (IOException e) {
        listener.close();
        throw e;
      }
    } catch (IOException e) {
      throw new InvalidRequest(
          "cannot listen for the target: address=" + address + " reason=" + e.getMessage(),
          "name an address of this machine that the target can reach");
    }
  }

  /// The port that the target has to dial.
  public int port() {
    return listener.socket().getLocalPort();
  }

  /// Waits until a target has dialled and asked for data.
  ///
  /// @throws Unavailable if none has within `patience`
  /// @throws InvalidRequest if it dials with TLS and there is no certificate to answer with
  public PrimarySession accept(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    @Nullable IOException last = null;
    while (true) {
      try {
        Optional<Socket> socket = dialled(deadline);
        if (socket.isEmpty()) {
          throw nobody(patience, last);
        }
        return greet(socket.get());
      } catch (StrangerException e) {
        last = e;
      } catch (IOException e) {
        if (!listener.isOpen()) {
          throw new Unavailable("interrupted while waiting for the target", null, e);
        }
        last = e; // It will dial again.
      }
    }
  }

  private Unavailable nobody(Duration patience, @Nullable IOException last) {
    String waited = "seconds=" + patience.toSeconds() + " port=" + port();
    String who = targets.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(","));
    return new Unavailable(
        "target did not dial us: target="
            + who
            + " "
            + waited
            + (last == null ? "" : " last=" + Printable.of(String.valueOf(last.getMessage()))),
        "can it reach this machine's port? Name an address that it can, or load with RESTORE",
        last);
  }

  /// The next connection; empty if there is none until `deadline`, by [System#nanoTime].
  private Optional<Socket> dialled(long deadline) throws IOException {
    Socket socket;
    while (true) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return Optional.empty();
      }
      listener
          .socket()
          .setSoTimeout(Math.clamp(Duration.ofNanos(left).toMillis(), 1, Integer.MAX_VALUE));
      try {
        socket = listener.socket().accept();
        break;
      } catch (SocketTimeoutException e) {
        // A little early, at times: the clocks differ.
      }
    }
    if (targets.contains(socket.getInetAddress())) {
      return Optional.of(socket);
    }
    socket.close();
    throw new StrangerException(socket.getInetAddress());
  }

  /// Goes through the handshake up to `PSYNC`, which stays unanswered.
  private PrimarySession greet(Socket socket) throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(Math.toIntExact(HANDSHAKE_STEP.toMillis()));
      int first = socket.getInputStream().read();
      if (first < 0) {
        throw new IOException("closed before a word");
      }
      byte[] consumed = {(byte) first};
      Wire wire;
      RespReader in;
      if (first == TLS_HANDSHAKE) {
        Socket secure = Sockets.acceptTls(socket, consumed, certificate(), HANDSHAKE_STEP);
        wire = Wire.of(secure, silence);
        in = new RespReader(wire);
      } else {
        wire = Wire.of(socket, silence);
        in = new RespReader(wire, consumed);
      }
      RespWriter out = new RespWriter(wire, PrimarySession.GATHERED_BYTES);
      answerUntilPsync(in, out);
      return new PrimarySession(this, socket.getInetAddress(), wire, in, out);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private TlsFiles certificate() {
    return tls.filter(files -> files.certificate().isPresent())
        .orElseThrow(() ->
            new InvalidRequest(
                "target replicates over TLS, and there is no certificate to answer it with",
                "give a certificate and key that the target's CA has signed, or load with"
                    + " RESTORE"));
  }

  /// What a replica says first: `PING`, `AUTH` (whatever `masterauth` it holds), `REPLCONF` for
  /// what it is and can, and `PSYNC` for what it has, its own replid at times.
  private static void answerUntilPsync(RespReader in, RespWriter out) throws IOException {
    while (true) {
      List<String> words = in.command(HANDSHAKE_STEP);
      String name = words.isEmpty() ? "" : words.getFirst().toUpperCase(Locale.ROOT);
      String answer =
          switch (name) {
            case "", "PSYNC" -> "";
            case "PING" -> "+PONG";
            case "AUTH", "REPLCONF" -> "+OK";
            default -> "-ERR unknown command";
          };
      if (name.equals("PSYNC")) {
        return;
      }
      if (!answer.isEmpty()) {
        out.line(answer).flush();
      }
    }
  }

  /// Why a link broke before the target had said that it is loaded: a target that is alive and
  /// could not load dials again and asks for the same; one that is gone does not.
  BackupException whyLost(PrimarySession session, String where, @Nullable IOException cause) {
    long deadline = System.nanoTime() + DIALS_AGAIN_WITHIN.toNanos();
    while (true) {
      try {
        Optional<Socket> dialled = dialled(deadline);
        if (dialled.isEmpty()) {
          break;
        }
        try (Socket socket = dialled.get()) {
          if (socket.getInetAddress().equals(session.target())) {
            return new TargetRefused(
                "target gave up loading what it was sent and asks for it again: " + where,
                "its log says why; what it holds now is incomplete or nothing");
          }
        }
      } catch (IOException e) {
        if (!listener.isOpen()) {
          break;
        }
      }
    }
    return new Unavailable(
        "target went away while it was loaded: " + where,
        "see its log; a server ends itself when it cannot read an RDB from its disk, or memory runs out",
        cause);
  }

  /// Listens no longer; sessions go on.
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Somebody dialled who is not the target.
  private static final class StrangerException extends IOException {
    private static final long serialVersionUID = 1L;

    StrangerException(InetAddress who) {
      super("turned away a link from " + who.getHostAddress());
    }
  }
}
