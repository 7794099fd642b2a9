package io.ringkeep.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.testkit.InProcessSftpServer;
import io.ringkeep.testkit.TestSftpServer;
import io.ringkeep.testkit.TestSshKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is let in, and whom we talk to.
class SftpLoginTest {
  private static final String PASSWORD = "tr0ub4dor";

  private final Path folder;
  private final Path knownHosts;
  private final Path home;

  SftpLoginTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.knownHosts = folder.resolve("known_hosts");
    this.home = folder.resolve("home");
    Files.createDirectories(home.resolve(".ssh"));
  }

  private SftpStore open(TestSftpServer server, String options, Map<String, String> environment)
      throws IOException {
    SftpLocation location =
        SftpLocation.parse(
            "sftp://%s@127.0.0.1:%d/store%s".formatted(server.user(), server.port(), options));
    return SftpStore.open(location, new SftpLogin(location, environment, home), SftpSettings.USUAL);
  }

  private void assertLetIn(TestSftpServer server, String options, Map<String, String> environment)
      throws IOException {
    try (SftpStore store = open(server, options, environment)) {
      store.put("a", ByteBuffer.allocate(1));
    }
  }

  @Test
  void open_unknownHostKey_isRefusedWithTheLineToAdd() throws IOException {
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    try (TestSftpServer server = InProcessSftpServer.start(folder, key)) {
      Files.writeString(knownHosts, "");
      String options = "?identity=%s&known-hosts=%s".formatted(key.file(), knownHosts);

      assertThatThrownBy(() -> open(server, options, Map.of()))
          .isInstanceOfSatisfying(
              AccessDenied.class,
              refusal -> {
                assertThat(refusal.getMessage())
                    .contains("not known", "127.0.0.1", server.fingerprint());
                assertThat(refusal.hint().orElseThrow()).contains("ssh-keyscan -p");
              });

      assertThat(server.writableFolder()).as("nothing was said before").isEmptyDirectory();
      Files.writeString(knownHosts, lineOfTheHint(server, options));
      assertLetIn(server, options, Map.of());
    }
  }

  private String lineOfTheHint(TestSftpServer server, String options) throws IOException {
    try (SftpStore store = open(server, options, Map.of())) {
      throw new AssertionError("let in: " + store.location());
    } catch (AccessDenied e) {
      String hint = e.hint().orElseThrow();
      return hint.substring(hint.indexOf("[127.0.0.1]")) + "\n";
    }
  }

  @Test
  void open_noKnownHostsAtAll_isRefused() {
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    try (TestSftpServer server = InProcessSftpServer.start(folder, key)) {
      assertThatThrownBy(() -> open(server, "?identity=" + key.file(), Map.of()))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining(home.resolve(".ssh/known_hosts").toString());
    }
  }

  @Test
  void open_changedHostKey_isRefused() {
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    TestSshKey other = TestSshKey.make(folder.resolve("other"));
    try (TestSftpServer server = InProcessSftpServer.start(folder, key)) {
      TestSftpServer.writeKnownHosts(knownHosts, server.port(), other);

      assertThatThrownBy(() ->
              open(
                  server,
                  "?identity=%s&known-hosts=%s".formatted(key.file(), knownHosts),
                  Map.of()))
          .isInstanceOfSatisfying(
              AccessDenied.class,
              refusal -> {
                assertThat(refusal.getMessage()).contains("has changed", server.fingerprint());
                assertThat(refusal.hint().orElseThrow()).contains("ssh-keygen -R");
              });
    }
  }

  @Test
  void open_wrongKey_isRefusedByName() {
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    TestSshKey other = TestSshKey.make(folder.resolve("other"));
    try (TestSftpServer server = InProcessSftpServer.start(folder, key)) {
      server.writeKnownHosts(knownHosts, server.port());

      assertThatThrownBy(() ->
              open(
                  server,
                  "?identity=%s&known-hosts=%s".formatted(other.file(), knownHosts),
                  Map.of()))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining("does not let us in")
          .hasMessageContaining(other.file().toString());
    }
  }

  @Test
  void open_lockedKey_needsItsPassphrase() throws IOException {
    TestSshKey key = TestSshKey.makeLocked(folder.resolve("key"), "open sesame");
    try (TestSftpServer server = InProcessSftpServer.start(folder, key)) {
      server.writeKnownHosts(knownHosts, server.port());
      String options = "?identity=%s&known-hosts=%s".formatted(key.file(), knownHosts);

      assertThatThrownBy(() -> open(server, options, Map.of()))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining("needs its passphrase");
      assertThatThrownBy(
              () -> open(server, options, Map.of("RINGKEEP_SFTP_PASSPHRASE", "abracadabra")))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining("does not open")
          .hasMessageNotContaining("abracadabra");
      assertLetIn(server, options, Map.of("RINGKEEP_SFTP_PASSPHRASE", "open sesame"));
    }
  }

  @Test
  void open_password_comesFromAFileOrTheEnvironment() throws IOException {
    try (TestSftpServer server = InProcessSftpServer.withPassword(folder, PASSWORD)) {
      server.writeKnownHosts(knownHosts, server.port());
      Path file = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
      String options = "?known-hosts=" + knownHosts;

      assertLetIn(server, options, Map.of("RINGKEEP_SFTP_PASSWORD", PASSWORD));
      assertLetIn(server, options + "&password-file=" + file, Map.of());
      assertThatThrownBy(
              () -> open(server, options, Map.of("RINGKEEP_SFTP_PASSWORD", PASSWORD + "x")))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining("tried=password")
          .hasMessageNotContaining(PASSWORD);
      assertThatThrownBy(() -> open(server, options, Map.of()))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining("tried=nothing");
    }
  }

  @Test
  void open_nothingNamed_takesTheUsualFiles() throws IOException {
    TestSshKey key = TestSshKey.make(home.resolve(".ssh/id_ecdsa"));
    TestSshKey.makeLocked(home.resolve(".ssh/id_ed25519"), "nobody knows");
    try (TestSftpServer server = InProcessSftpServer.start(folder, key)) {
      server.writeKnownHosts(home.resolve(".ssh/known_hosts"), server.port());

      assertLetIn(server, "", Map.of());
      assertLetIn(server, "", Map.of("SSH_AUTH_SOCK", folder.resolve("no-agent").toString()));
    }
  }

  @Test
  void open_namedFileMissing_isRefused() {
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    try (TestSftpServer server = InProcessSftpServer.start(folder, key)) {
      for (String option : new String[] {"identity", "password-file", "known-hosts"}) {
        assertThatThrownBy(() -> open(server, "?" + option + "=/nowhere/file", Map.of()))
            .isInstanceOf(InvalidRequest.class)
            .hasMessageContaining("option=" + option)
            .hasMessageContaining("/nowhere/file");
      }
    }
  }
}
