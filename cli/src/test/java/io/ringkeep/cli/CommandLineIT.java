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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Sessions at a shell, with the packaged command and real servers.
class CommandLineIT {
  private static final long SEED = 7;

  @TempDir Path folder;
  private Launcher ringkeep;
  private String repository;

  @BeforeEach
  void makeLauncher() {
    ringkeep = new Launcher(folder).variable("RINGKEEP_PASSPHRASE", "correct horse battery staple");
    repository = folder.resolve("repository").toString();
  }

  private void succeed(String... args) {
    Launcher.Ended ended = ringkeep.run(args);
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
  }

  private void fail(int exitCode, String... args) {
    Launcher.Ended ended = ringkeep.run(args);
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(exitCode);
    assertThat(ended.err()).contains("ringkeep: ").contains("hint: ").doesNotContain("\tat ");
  }

  private JsonNode json(String... args) {
    Launcher.Ended ended = ringkeep.run(args);
    assertThat(ended.err()).isEmpty();
    return JsonMapper.shared().readTree(ended.out());
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
      JsonNode snapshots = json("list", "-r", repository, "--output", "json");
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
      succeed("init", "-r", repository);
      succeed("check", "-r", repository, "--source", server.uri());
      succeed("backup", "-r", repository, "--cache", "orders", "--source", server.uri());

      JsonNode shown = json("show", "-r", repository, "--cache", "orders", "--output", "json");
      assertThat(shown.get("records").asLong()).isEqualTo(keys);
      assertThat(ringkeep.run("status", "-r", repository, "--max-age", "26h").exitCode())
          .as("nobody has verified it")
          .isEqualTo(1);
      succeed("verify", "-r", repository);
      succeed("status", "-r", repository, "--max-age", "26h");
      succeed(
          "drill",
          "-r",
          repository,
          "--cache",
          "orders",
          "--engine",
          server.engine().server().toString());
      String rdb = folder.resolve("dump.rdb").toString();
      succeed("export", "-r", repository, "--cache", "orders", "--to", rdb);
      succeed("import", "-r", repository, "--cache", "imported", rdb);
      JsonNode snapshots = json("list", "-r", repository, "--output", "json");
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
      succeed("init", "-r", repository);
      succeed("backup", "-r", repository, "--source", server.uri());
      server.call("SET", "later", "2");
      fail(10, "restore", "-r", repository, "--target", server.uri(), "--yes");
      fail(2, "restore", "-r", repository, "--target", server.uri(), "--existing", "replace");
      assertThat(server.keys(0)).isEqualTo(2);

      JsonNode plan =
          json(
              "restore",
              "-r",
              repository,
              "--target",
              server.uri(),
              "--existing",
              "replace",
              "--dry-run",
              "--output",
              "json");
      assertThat(plan.get("destroys").size()).isPositive();
      assertThat(server.keys(0)).isEqualTo(2);
      succeed(
          "restore", "-r", repository, "--target", server.uri(), "--existing", "merge", "--yes");
      assertThat(server.keys(0)).isEqualTo(2);
      succeed(
          "restore", "-r", repository, "--target", server.uri(), "--existing", "replace", "--yes");
      assertThat(server.text("GET", "kept")).isEqualTo("1");
      assertThat(server.keys(0)).isEqualTo(1);
    }
  }

  @Test
  void backup_passwords_comeFromEnvironmentOrFileAndAreNeverShown() throws Exception {
    try (TestServer server = TestServer.builder(Engines.redis70()).password("hunter2").start()) {
      succeed("init", "-r", repository);
      fail(5, "backup", "-r", repository, "--source", server.uri());
      Path file = Files.writeString(folder.resolve("password"), "hunter2\n");
      succeed(
          "backup",
          "-r",
          repository,
          "--source",
          server.uri(),
          "--source-password-file",
          file.toString());
      ringkeep.variable("RINGKEEP_SOURCE_PASSWORD", "hunter2");
      Launcher.Ended ended =
          ringkeep.run("backup", "--debug", "-r", repository, "--source", server.uri());

      assertThat(ended.exitCode()).isZero();
      assertThat(ended.out() + ended.err()).doesNotContain("hunter2");
      Launcher.Ended shown = ringkeep.run("show", "-r", repository, "--settings");
      assertThat(shown.out()).contains("requirepass ***").doesNotContain("hunter2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void backup_interrupted_commitsNothingAndTheNextOneWorks(String signal) throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      server.call("DEBUG", "POPULATE", "20000", "key", "1000");
      succeed("init", "-r", repository);
      Launcher.Running running =
          ringkeep.start("backup", "-r", repository, "--source", server.uri(), "--limit", "1MiB/s");
      while (!running.errSoFar().contains(": reading")) {
        assertThat(running.process().isAlive()).isTrue();
        Thread.sleep(50);
      }
      running.signal(signal);
      Launcher.Ended ended = running.await();

      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(signal.equals("INT") ? 130 : 143);
      assertThat(ended.err())
          .endsWith(
              "ringkeep: interrupted\nhint: no snapshot was committed; the next backup removes what this one"
                  + " left\n");
      assertThat(json("list", "-r", repository, "--output", "json").size()).isZero();
      succeed("backup", "-r", repository, "--source", server.uri());
      succeed("verify", "-r", repository);
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
