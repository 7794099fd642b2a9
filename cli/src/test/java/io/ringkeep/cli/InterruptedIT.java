package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Ctrl-C and kill: the command ends in order, says where that leaves people, and what it held or
/// changed is given back.
class InterruptedIT {
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;
  private Launcher processes;
  private Shell shell;
  private String repository;

  @BeforeEach
  void makeRepository() {
    repository = folder.resolve("repository").toString();
    processes = Launcher.ofClasses(folder).variable("RINGKEEP_PASSPHRASE", PASSPHRASE);
    shell = new Shell(repository, PASSPHRASE);
    shell.succeed("init");
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void backup_interrupted_commitsNothingAndTheNextOneWorks(String signal, int exitCode)
      throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      server.call("DEBUG", "POPULATE", "20000", "key", "1000");
      Launcher.Running running =
          processes.start(
              "backup", "-r", repository, "--source", server.uri(), "--limit", "1MiB/s");
      await(running, () -> "1".equals(server.info("replication").get("connected_slaves")));
      while (!running.errSoFar().contains(": reading")) {
        assertThat(running.process().isAlive()).as(running.errSoFar()).isTrue();
        Thread.sleep(20);
      }
      running.signal(signal);
      Launcher.Ended ended = running.await();

      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(exitCode);
      assertThat(ended.err())
          .endsWith(
              """
              ringkeep: interrupted
              hint: no snapshot was committed; the next backup removes what this one left
              """);
      JsonNode verified = shell.json("verify");
      assertThat(verified.get("whole").asBoolean()).as("%s", verified).isTrue();
      assertThat(verified.get("snapshots").size()).isZero();
      assertThat(verified.get("orphans").size()).as("%s", verified).isZero();
      shell.succeed("backup", "--source", server.uri());
      assertThat(shell.json("list").size()).isEqualTo(1);
    }
  }

  /// Ctrl-C while the target loads, by both ways of loading: an empty target takes the stream into
  /// its memory, one with data writes it to its disk first.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void restore_interrupted_leavesAPrimaryWithItsOwnSettings(boolean empty) throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target =
            TestServer.start(
                Engines.redis70(),
                "key-load-delay 1500",
                "loading-process-events-interval-bytes 1024")) {
      source.call("DEBUG", "POPULATE", "6000", "key", "100");
      shell.succeed("backup", "--source", source.uri());
      if (!empty) {
        target.call("SET", "of the target", "1");
      }
      String settingBefore = target.setting("repl-diskless-load");
      Launcher.Running running =
          processes.start(
              "restore",
              "-r",
              repository,
              "--target",
              target.uri(),
              "--existing",
              "replace",
              "--yes");
      await(running, () -> "1".equals(target.info("persistence").get("loading")));
      assertThat(target.info("replication")).containsEntry("role", "slave");
      running.signal("INT");
      Launcher.Ended ended = running.await();

      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(130);
      assertThat(ended.err())
          .endsWith(
              "ringkeep: interrupted\n"
                  + "hint: the target may hold a part of the snapshot; run it again with"
                  + " --existing replace, and with --no-undo if 'list --cache undo-default'"
                  + " shows what it held before\n")
          .doesNotContain("could not be");
      assertThat(target.info("replication")).as(ended.err()).containsEntry("role", "master");
      assertThat(target.setting("repl-diskless-load")).isEqualTo(settingBefore);
      target.call("CONFIG", "SET", "key-load-delay", "0");
      shell.succeed("restore", "--target", target.uri(), "--existing", "replace", "--yes");
      assertThat(Oracle.read(source).differences(Oracle.read(target))).isEmpty();
    }
  }

  /// Waits until the server shows that the command has come so far.
  private static void await(Launcher.Running running, BooleanSupplier reached)
      throws IOException, InterruptedException {
    while (!reached.getAsBoolean()) {
      assertThat(running.process().isAlive()).as(running.errSoFar()).isTrue();
      Thread.sleep(20);
    }
  }
}
