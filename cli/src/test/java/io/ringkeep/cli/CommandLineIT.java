package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Sessions of an operator: the main one with the packaged command, the others in this process.
class CommandLineIT {
  private static final long SEED = 7;
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;
  private String repository;
  private Launcher ringkeep;
  private Shell shell;

  @BeforeEach
  void makeLauncher() {
    repository = folder.resolve("repository").toString();
    ringkeep = new Launcher(folder).variable("RINGKEEP_PASSPHRASE", PASSPHRASE);
    shell = new Shell(repository, PASSPHRASE);
  }

  private Launcher.Ended succeed(String... args) {
    Launcher.Ended ended = ringkeep.run(args);
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    return ended;
  }

  /// `BackupRestoreIT` goes through all engines in every build.
  static Stream<Engine> engines() {
    return "full".equals(System.getProperty("ringkeep.proof")) ? Engines.all() : Engines.few();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void session_initBackupFlushRestore_givesBackTheSameData(Engine engine) {
    try (TestServer server = TestServer.start(engine)) {
      Dataset.of(SEED, 300).writeTo(server);
      Contents before = Oracle.read(server);
      succeed("init", "-r", repository);
      succeed("backup", "-r", repository, "--source", server.uri());
      server.call("FLUSHALL");
      if (engine.hasFunctions()) {
        server.call("FUNCTION", "FLUSH");
      }
      succeed(
          "restore", "-r", repository, "--snapshot", "latest", "--target", server.uri(), "--yes");

      assertThat(before.differences(Oracle.read(server))).isEmpty();
      JsonNode snapshots =
          JsonMapper.shared().readTree(succeed("list", "-r", repository, "--output", "json").out());
      assertThat(snapshots.isArray()).isTrue();
      assertThat(snapshots.get(0).propertyNames())
          .contains(
              "id", "time", "cache", "consistency", "shards", "records", "bytes", "storedBytes");
      assertThat(snapshots.get(0).get("records").asLong()).isEqualTo(before.keys());
    }
  }

  @Test
  void session_everyOtherCommand_worksOnTheSnapshot() {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      Dataset.of(SEED, 100).writeTo(server);
      long keys = Oracle.read(server).keys();
      shell.succeed("init");
      shell.succeed("check", "--source", server.uri());
      shell.succeed("backup", "--cache", "orders", "--source", server.uri());

      assertThat(shell.json("show", "--cache", "orders").get("records").asLong()).isEqualTo(keys);
      assertThat(shell.run("status", "--max-age", "26h").exitCode())
          .as("nobody has verified it")
          .isEqualTo(1);
      shell.succeed("verify");
      shell.succeed("status", "--max-age", "26h");
      String engine = server.engine().server().toString();
      shell.succeed("drill", "--cache", "orders", "--engine", engine);
      String rdb = folder.resolve("dump.rdb").toString();
      shell.succeed("export", "--cache", "orders", "--to", rdb);
      shell.succeed("import", "--cache", "imported", rdb);
      JsonNode snapshots = shell.json("list");
      assertThat(snapshots.size()).isEqualTo(2);
      assertThat(snapshots.get(0).get("records")).isEqualTo(snapshots.get(1).get("records"));
      assertThat(snapshots.get(0).get("digest"))
          .as("the same keys and values, however they came")
          .isEqualTo(snapshots.get(1).get("digest"));
    }
  }

  @Test
  void restore_targetHoldsData_isRefusedUnlessToldOtherwise() {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      server.call("SET", "kept", "1");
      shell.succeed("init");
      shell.succeed("backup", "--source", server.uri());
      server.call("SET", "later", "2");
      assertThat(shell.run("check", "--target", server.uri()).exitCode()).isEqualTo(1);
      shell.fail(10, "restore", "--target", server.uri(), "--yes");
      shell.fail(2, "restore", "--target", server.uri(), "--existing", "replace");
      JsonNode plan =
          shell.json("restore", "--target", server.uri(), "--existing", "replace", "--dry-run");
      assertThat(plan.get("destroys").size()).isPositive();
      assertThat(server.keys(0)).isEqualTo(2);

      shell.succeed("restore", "--target", server.uri(), "--existing", "merge", "--yes");
      assertThat(server.keys(0)).isEqualTo(2);
      shell.succeed("restore", "--target", server.uri(), "--existing", "replace", "--yes");
      assertThat(server.text("GET", "kept")).isEqualTo("1");
      assertThat(server.keys(0)).isEqualTo(1);
    }
  }

  @Test
  void backup_passwords_comeFromEnvironmentOrFileAndAreNeverShown() throws Exception {
    try (TestServer server = TestServer.builder(Engines.redis70()).password("hunter2").start()) {
      shell.succeed("init");
      shell.fail(5, "backup", "--source", server.uri());
      String file = Files.writeString(folder.resolve("password"), "hunter2\n").toString();
      shell.succeed("backup", "--source", server.uri(), "--source-password-file", file);
      ringkeep.variable("RINGKEEP_SOURCE_PASSWORD", "hunter2");
      Launcher.Ended ended =
          succeed("backup", "--debug", "-r", repository, "--source", server.uri());
      assertThat(ended.out() + ended.err()).doesNotContain("hunter2");
      assertThat(shell.succeed("show", "--settings").out())
          .contains("requirepass ***")
          .doesNotContain("hunter2");
    }
  }

  @Test
  void launcher_calledThroughALink_passesArgumentsOutputAndStatus() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("rk"), Launcher.ROOT.resolve("ringkeep"));

    Launcher.Ended version = ringkeep.startAs(link, "--version").await();
    assertThat(version.exitCode()).isZero();
    assertThat(version.out()).startsWith("ringkeep 0.").endsWith("\n");
    assertThat(version.err()).isEmpty();
    Launcher.Ended missing = ringkeep.startAs(link, "list", "-r", folder + "/a b").await();
    assertThat(missing.exitCode()).isEqualTo(3);
    assertThat(missing.err()).contains("/a b");
    Files.delete(link);
  }
}
