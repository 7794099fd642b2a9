package io.ringkeep.scratch;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A server of our own on loopback, in a temporary folder, gone when closed.
///
/// It has no limit on memory, evicts nothing and saves nothing. It holds a cache in the clear, so
/// it asks for a password that this process draws and tells nobody: on its command line stands only
/// the name of a file that nobody else may read.
/* Between our look for a free port and the server's bind another process may take it, or another server of
 * this process, which has the same password. So a server is asked for its file of settings before it is believed
 * to be the one that was started: else two shards would be rolled forward in one.
 */
public final class ScratchServer implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MILLIS = 50;
  private static final String PASSWORD = password();

  /// How to log in to any scratch server of this process.
  public static final ConnectionOptions CONNECTION =
      ConnectionOptions.DEFAULT.withPassword(Optional.of(Secret.of(PASSWORD)));

  private final Process process;
  private final ScratchFolder folder;
  private final Endpoint endpoint;
  private final Thread killer;

  private ScratchServer(Process process, ScratchFolder folder, Endpoint endpoint) {
    this.process = process;
    this.folder = folder;
    this.endpoint = endpoint;
    this.killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /// Starts `program` with `databases` databases and waits until it answers.
  ///
  /// @throws BackupException.Unavailable if it does not start; its last words are in the message
  public static ScratchServer start(Path program, int databases)
      throws IOException, InterruptedException {
    return start(program, databases, ScratchServer::freePort);
  }

  /// Where a server is to listen.
  interface Ports {
    /// One that was free a moment ago.
    int next() throws IOException;
  }

  /// The same on the first of `ports` that can be had.
  static ScratchServer start(Path program, int databases, Ports ports)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return startOnce(program, databases, ports.next());
      } catch (BackupException.Unavailable e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static ScratchServer startOnce(Path program, int databases, int port)
      throws IOException, InterruptedException {
    ScratchFolder folder = ScratchFolder.create();
    try {
      return startIn(folder, program, databases, port);
    } catch (RuntimeException | IOException | InterruptedException e) {
      folder.close();
      throw e;
    }
  }

  private static ScratchServer startIn(ScratchFolder folder, Path program, int databases, int port)
      throws IOException, InterruptedException {
    Path log = folder.path().resolve("server.log");
    // The folder is this user's alone.
    Path settings =
        Files.writeString(
            folder.path().resolve("server.conf"),
            """
            port %d
            bind 127.0.0.1
            dir "%s"
            requirepass %s
            save ""
            appendonly no
            databases %d
            maxmemory 0
            repl-diskless-load on-empty-db
            repl-diskless-sync yes
            repl-diskless-sync-delay 0
            """
                .formatted(port, folder.path(), PASSWORD, databases));
    Process process =
        new ProcessBuilder(List.of(program.toString(), settings.toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    ScratchServer server = new ScratchServer(process, folder, new Endpoint("127.0.0.1", port));
    try {
      folder.serves(process);
      server.awaitAnswer(settings, log);
      return server;
    } catch (RuntimeException | IOException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  private void awaitAnswer(Path settings, Path log) throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + START.toNanos();
    while (true) {
      @Nullable RuntimeException failure = null;
      boolean answered = false;
      try (ServerConnection connection = ServerConnection.open(endpoint, CONNECTION)) {
        // `configfile` in `server.c`: as it stands on the command line, if that is absolute.
        if (settings.toString().equals(connection.info("server").get("config_file"))) {
          return;
        }
        answered = true;
      } catch (BackupException | ServerError e) {
        failure = e;
      }
      if (!process.isAlive() || System.nanoTime() > giveUp) {
        List<String> lines = Files.readAllLines(log);
        throw new BackupException.Unavailable(
            "the scratch server did not start: %s"
                .formatted(
                    answered
                        ? "another one answers at " + endpoint
                        : lines.isEmpty() ? "it said nothing" : lines.getLast()),
            "name another server program with --engine",
            failure);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /// Where it listens.
  public Endpoint endpoint() {
    return endpoint;
  }

  private static String password() {
    byte[] drawn = new byte[16];
    new SecureRandom().nextBytes(drawn);
    return HexFormat.of().formatHex(drawn);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // The JVM is shutting down, and the hook runs.
    }
    try {
      folder.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the scratch server's folder could not be removed", e);
    }
  }
}
