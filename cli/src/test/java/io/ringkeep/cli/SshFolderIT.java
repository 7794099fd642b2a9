package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.InProcessSftpServer;
import io.ringkeep.testkit.OpenSshServer;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.testkit.TestSftpServer;
import io.ringkeep.testkit.TestSshKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions of an operator whose repository is on an SSH server: OpenSSH where it can be had.
class SshFolderIT {
  private static final long SEED = 12;

  @TempDir Path folder;
  private TestSftpServer ssh;
  private Path knownHosts;
  private String repository;

  @BeforeEach
  void startServer() throws IOException {
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    ssh =
        OpenSshServer.lacking().isEmpty()
            ? OpenSshServer.start(key)
            : InProcessSftpServer.start(folder.resolve("host-key"), key);
    knownHosts = ssh.writeKnownHosts(folder.resolve("known_hosts"), ssh.port());
    repository =
        "sftp://%s@127.0.0.1:%d%s?identity=%s&known-hosts=%s"
            .formatted(
                ssh.user(),
                ssh.port(),
                ssh.writableFolder().resolve("cache"),
                folder.resolve("key"),
                knownHosts);
  }

  @AfterEach
  void stopServer() {
    ssh.close();
  }

  private Launcher.Ended run(String... args) {
    return new Launcher(folder)
        .variable("RINGKEEP_PASSPHRASE", "correct horse battery staple")
        .variable("RINGKEEP_REPOSITORY", repository)
        .run(args);
  }

  private Launcher.Ended succeed(String... args) {
    Launcher.Ended ended = run(args);
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    return ended;
  }

  @Test
  void session_initBackupVerifyFlushRestore_givesBackTheSameData() {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      Dataset.of(SEED, 300).writeTo(server);
      Contents before = Oracle.read(server);
      assertThat(succeed("init").out()).contains(" in sftp://");
      succeed("backup", "--source", server.uri());
      assertThat(succeed("list").out()).contains("default");
      succeed("verify");
      server.call("FLUSHALL");
      server.call("FUNCTION", "FLUSH");
      succeed("restore", "--target", server.uri(), "--yes");

      assertThat(before.differences(Oracle.read(server))).isEmpty();
    }
  }

  @Test
  void anything_serverIsUnknownOrGone_exitsWithItsStatusAndSaysWhatToDo() throws IOException {
    Files.writeString(knownHosts, "");
    Launcher.Ended unknown = run("list");
    assertThat(unknown.exitCode()).as(unknown.toString()).isEqualTo(5);
    assertThat(unknown.err()).contains("key is not known", ssh.fingerprint(), "ssh-keyscan");

    ssh.writeKnownHosts(knownHosts, ssh.port());
    ssh.stop();
    Launcher.Ended gone = run("list");
    assertThat(gone.exitCode()).as(gone.toString()).isEqualTo(4);
    assertThat(gone.err()).contains("127.0.0.1");
  }
}
