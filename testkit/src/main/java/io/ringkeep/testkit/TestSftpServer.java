package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.sshd.common.config.keys.KeyUtils;

/// An SFTP server on a loopback port of its own, in front of folders of this machine.
///
/// [InProcessSftpServer] is always there; [OpenSshServer] is the real one, where it can be had.
///
/// ```java
/// TestSshKey key = TestSshKey.make(folder.resolve("key"));
/// try (TestSftpServer server = InProcessSftpServer.start(folder.resolve("host-key"), key)) {
///   server.writeKnownHosts(folder.resolve("known_hosts"), server.port());
/// }
/// ```
public abstract class TestSftpServer implements AutoCloseable {
  /// Where it listens.
  public static final String HOST = "127.0.0.1";

  TestSftpServer() {}

  public abstract int port();

  /// The only user that it lets in.
  public abstract String user();

  /// The key that it shows.
  public abstract TestSshKey hostKey();

  /// A folder of this machine that its user may write to.
  public abstract Path writableFolder();

  /// Ends all connections and stops listening.
  public abstract void stop();

  /// Listens again on the same port with the same key after [#stop].
  public abstract void restart();

  @Override
  public abstract void close();

  /// Writes a `known_hosts` file that knows it behind this port, which may be that of a relay.
  public final Path writeKnownHosts(Path file, int port) {
    return writeKnownHosts(file, port, hostKey());
  }

  /// Writes a `known_hosts` file that has this key for a server behind this port.
  public static Path writeKnownHosts(Path file, int port, TestSshKey key) {
    try {
      return Files.writeString(file, "[%s]:%d %s\n".formatted(HOST, port, key.line()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The key that it shows, as `ssh-keygen -l` prints it: `SHA256:…`.
  public final String fingerprint() {
    return KeyUtils.getFingerPrint(hostKey().pair().getPublic());
  }
}
