package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `ringkeep key`, and the examples of it in three languages.
class KeyCommandsIT {
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));

  @TempDir Path folder;
  private TestServer server;
  private Shell shell;

  @BeforeEach
  void fill() {
    server = TestServer.start(Engines.redis70());
    shell = new Shell(folder.resolve("repository").toString(), "correct horse");
    server.text("HSET", "key", "field", "value");
    server.text("PEXPIREAT", "key", "4000000000000");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void key_backupAndRestore_bringBackTheKey() {
    shell.succeed("key", "backup", "key", "saved", "--source", server.uri());
    server.text("DEL", "key");
    shell.succeed("key", "restore", "saved", "key", "--source", server.uri());

    assertThat(server.text("HGET", "key", "field")).isEqualTo("value");
    assertThat(server.call("PEXPIRETIME", "key")).isEqualTo(4_000_000_000_000L);
    JsonNode list = shell.json("key", "list", "key", "--source", server.uri());
    assertThat(list.get(0).get("backupKey").asString()).isEqualTo("saved");
    shell.succeed("key", "check", "saved", "--source", server.uri());
    shell.succeed("key", "delete", "saved", "--source", server.uri());
    shell.fail(3, "key", "restore", "saved", "key", "--source", server.uri());
  }

  @Test
  void key_badInput_endsWithItsExitCode() {
    shell.fail(3, "key", "backup", "none", "saved", "--source", server.uri());
    shell.fail(2, "key", "backup", "key", "key", "--source", server.uri());
    shell.fail(2, "key", "backup", "key", "saved", "--copies", "2", "--source", server.uri());
    shell.fail(2, "key", "restore", "key", "other", "--source", server.uri());
    shell.succeed("key", "backup", "key", "saved", "--source", server.uri());
    shell.fail(10, "key", "backup", "key", "saved", "--source", server.uri());
    shell.fail(10, "key", "restore", "saved", "key", "--if-absent", "--source", server.uri());
    shell.fail(4, "key", "backup", "key", "saved", "--source", "redis://127.0.0.1:1");
  }

  @Test
  void example_inAShell_restoresTheKey() throws Exception {
    restores("bash", ROOT.resolve("examples/key-backup/example.sh").toString(), server.uri());
  }

  @Test
  void example_inPython_restoresTheKey() throws Exception {
    restores("python3", ROOT.resolve("examples/key-backup/example.py").toString(), server.uri());
  }

  @Test
  void example_inJava_restoresTheKey() throws Exception {
    restores(
        ProcessHandle.current().info().command().orElseThrow(),
        "-cp",
        System.getProperty("java.class.path"),
        ROOT.resolve("examples/key-backup/Example.java").toString(),
        server.address());
  }

  /// Runs the example up to its end, with a server that has lost nothing, and once more after the
  /// key is gone: the second backup fails, for the first one is there.
  private void restores(String... command) throws Exception {
    Path out = folder.resolve("out");
    assertThat(run(out, command)).as(() -> read(out)).isZero();
    assertThat(server.text("HGET", "key", "field")).isEqualTo("value");
    assertThat(server.call("PEXPIRETIME", "key")).isEqualTo(4_000_000_000_000L);
    assertThat(server.call("EXISTS", "backup_key")).isEqualTo(1L);
    assertThat(run(out, command)).as(() -> read(out)).isNotZero();
    assertThat(read(out)).contains("backup exists: backup_key=backup_key");
  }

  private static int run(Path out, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
    builder.redirectErrorStream(true).redirectOutput(out.toFile());
    Process process = builder.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
