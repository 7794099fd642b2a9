package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A real sshd with its own SFTP subsystem, as `testkit/engines/get-engines.sh` unpacks it.
/* It runs as an ordinary user and lets in that user alone: as this process's own, or, where that is
 * root, as `nobody`; a root's sshd would want a user and folders of its own. */
public final class OpenSshServer extends TestSftpServer {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String UNPRIVILEGED = "daemon";

  private final Path program;
  private final Path directory = Folders.temporary("sshd");
  private final Path files = directory.resolve("files");
  private final TestSshKey hostKey;
  private final int port = Ports.free();
  private final boolean unprivileged = "root".equals(System.getProperty("user.name"));
  private @Nullable ServerProcess process;

  private OpenSshServer(Path program, TestSshKey key) {
    this.program = program;
    this.hostKey = TestSshKey.make(directory.resolve("host-key"));
    try {
      Files.createDirectory(files);
      Files.writeString(directory.resolve("authorized_keys"), key.line() + "\n");
      Files.writeString(directory.resolve("sshd_config"), configuration());
      if (unprivileged) {
        // Another user is to read the first and write to the second; sshd lets that pass for files
        // that are not its user's own.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(hostKey.file(), PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String configuration() {
    return """
    ListenAddress %s:%d
    HostKey %s
    AuthorizedKeysFile %s
    PidFile none
    UsePAM no
    StrictModes no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PrintMotd no
    Subsystem sftp internal-sftp
    """
        .formatted(HOST, port, hostKey.file(), directory.resolve("authorized_keys"));
  }

  /// Why there is none on this machine; empty if there is one.
  public static Optional<String> lacking() {
    return program().isPresent()
        ? Optional.empty()
        : Optional.of(Engines.skipped().getOrDefault("openssh", "no sshd was unpacked"));
  }

  private static Optional<Path> program() {
    try (Stream<Path> homes = Files.list(Engines.folder())) {
      return homes
          .filter(home -> home.getFileName().toString().startsWith("openssh-"))
          .map(home -> home.resolve("server"))
          .filter(Files::isExecutable)
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A server that lets in who has this key.
  ///
  /// @throws EngineException if there is none, or it does not start; the message has its log
  public static OpenSshServer start(TestSshKey key) {
    Path program = program().orElseThrow(() -> new EngineException(lacking().orElse("no sshd")));
    OpenSshServer server = new OpenSshServer(program, key);
    server.restart();
    return server;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String user() {
    return unprivileged ? UNPRIVILEGED : System.getProperty("user.name");
  }

  @Override
  public TestSshKey hostKey() {
    return hostKey;
  }

  @Override
  public Path writableFolder() {
    return files;
  }

  @Override
  public void restart() {
    List<String> command = new ArrayList<>();
    if (unprivileged) {
      command.addAll(
          List.of("setpriv", "--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--clear-groups"));
    }
    // -r: its children are copies of it, not started anew, which would need its libraries in place.
    command.addAll(List.of(program.toString(), "-D", "-e", "-r", "-f"));
    command.add(directory.resolve("sshd_config").toString());
    ServerProcess started = ServerProcess.start(command, directory, log());
    process = started;
    Waiting.until(
        () -> answers() || !started.isAlive(), TIMEOUT, () -> "sshd: " + started.lastLines());
    if (!started.isAlive()) {
      throw new EngineException("sshd does not start: " + started.lastLines());
    }
  }

  private Path log() {
    return directory.resolve("sshd.log");
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// Stops the server; connections that were made live on until [TcpRelay#cut] or their end.
  @Override
  public void stop() {
    ServerProcess running = process;
    process = null;
    if (running != null) {
      running.kill();
    }
  }

  @Override
  public void close() {
    stop();
    ServerProcess.keepLog(log(), "sshd-" + port + ".log");
    Folders.delete(directory);
  }
}
