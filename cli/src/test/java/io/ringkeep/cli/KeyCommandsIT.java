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
  void key_listOfADamagedBackup_showsItAndEndsWith1UntilItIsDeleted() {
    shell.succeed("key", "backup", "key", "saved", "--source", server.uri());
    server.text("SETRANGE", "saved", "8", "xxxx");

    Launcher.Ended list = shell.run("key", "list", "key", "--source", server.uri());
    assertThat(list.exitCode()).isEqualTo(1);
    assertThat(list.out()).containsPattern("saved .* - .* backup is damaged: key=saved");
    shell.succeed("key", "delete", "saved", "--source", server.uri());
    assertThat(shell.succeed("key", "list", "key", "--source", server.uri()).out())
        .contains("no backups of key");
  }

  @Test
  void example_inAShell_restoresTheKey() throws Exception {
    restores(server.uri(), "bash", ROOT.resolve("examples/key-backup/example.sh").toString());
  }

  @Test
  void example_inPython_restoresTheKey() throws Exception {
    restores(server.uri(), "python3", ROOT.resolve("examples/key-backup/example.py").toString());
  }

  @Test
  void example_inJava_restoresTheKey() throws Exception {
    restores(
        server.address(),
        ProcessHandle.current().info().command().orElseThrow(),
        "-cp",
        System.getProperty("java.class.path"),
        ROOT.resolve("examples/key-backup/Example.java").toString());
  }

  /// Runs the example's two halves, with a loss between them.
  private void restores(String address, String... command) throws Exception {
    assertThat(run(command, "backup", address)).as(this::said).isZero();
    server.text("DEL", "key");
    server.text("SET", "key", "something else");
    assertThat(run(command, "restore", address)).as(this::said).isZero();

    assertThat(server.text("HGET", "key", "field")).isEqualTo("value");
    assertThat(server.call("PEXPIRETIME", "key")).isEqualTo(4_000_000_000_000L);
    assertThat(run(command, "backup", address)).isNotZero();
    assertThat(said()).contains("backup exists: backup_key=backup_key");
  }

  private int run(String[] command, String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.redirectErrorStream(true).redirectOutput(out().toFile());
    Process process = builder.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }

  private Path out() {
    return folder.resolve("out");
  }

  private String said() {
    try {
      return Files.readString(out());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
