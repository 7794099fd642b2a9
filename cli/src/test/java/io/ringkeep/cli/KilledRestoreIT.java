package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// SIGKILL in the midst of restores: the snapshot stays whole, the target a primary, and the same
/// restore run again brings back all there is to bring back.
class KilledRestoreIT {
  private static final boolean FULL = System.getProperty("ringkeep.proof", "").equals("full");
  private static final int KILLS = FULL ? 20 : 3;
  private static final int SIGKILL = 128 + 9;
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;
  private final Random random = Seeds.random("KilledRestoreIT");
  private int killed;

  @Test
  void restore_killedAtRandomPoints_isResumedAndEndsEqual() throws Exception {
    Path repository = folder.resolve("repository");
    Launcher processes = Launcher.ofClasses(folder).variable("RINGKEEP_PASSPHRASE", PASSPHRASE);
    Shell shell = new Shell(repository.toString(), PASSPHRASE);
    shell.succeed("init");
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70())) {
      source.call("DEBUG", "POPULATE", "60000", "key", "200");
      RandomValues.write(source, random, 500, 2048);
      Contents expected = Oracle.read(source);
      shell.succeed("backup", "--source", source.uri());
      String digest = shell.json("list").get(0).get("digest").asString();

      for (int kill = 0; kill < KILLS; kill++) {
        target.text("FLUSHALL");
        boolean byReplication = kill % 3 == 2;
        Launcher.Running running =
            processes.start(
                "restore",
                "-r",
                repository.toString(),
                "--target",
                target.uri(),
                "--loader",
                byReplication ? "replication" : "restore",
                "--yes");
        if (!byReplication) {
          // From when records arrive on.
          long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
          while (target.keys(0) == 0
              && running.process().isAlive()
              && System.nanoTime() < deadline) {
            Thread.sleep(5);
          }
        }
        if (!running.process().waitFor(random.nextInt(700), TimeUnit.MILLISECONDS)) {
          running.process().destroyForcibly();
        }
        Launcher.Ended ended = running.await();
        String when = "restore %d killed: %s".formatted(kill, ended);
        assertThat(ended.exitCode()).as(when).isIn(SIGKILL, 0);
        killed += ended.exitCode() == SIGKILL ? 1 : 0;

        JsonNode verified = shell.json("verify");
        assertThat(verified.get("whole").asBoolean()).as("%s%n%s", when, verified).isTrue();
        assertThat(shell.json("list").get(0).get("digest").asString()).isEqualTo(digest);
        if (byReplication) {
          // Killed while it played the primary, it leaves a target that waits for one.
          target.text("REPLICAOF", "NO", "ONE");
        }
        Launcher.Ended resumed =
            shell.run(
                "restore",
                "--target",
                target.uri(),
                "--existing",
                "merge",
                "--delta",
                "--no-undo",
                "--yes");
        assertThat(resumed.exitCode()).as("%s%n%s", when, resumed).isZero();
        assertThat(expected.differences(Oracle.read(target))).as(when).isEmpty();
      }
    }
    System.out.printf(
        "KilledRestoreIT: of %d restores %d were killed before they had ended%n", KILLS, killed);
    assertThat(killed).as("kills that met a running restore").isPositive();
    assertThat(shell.json("list")).hasSize(1);
  }
}
