package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// SIGKILL in the midst of compaction, forgetting and pruning: whatever was committed stays whole.
class KilledMaintenanceIT {
  private static final boolean FULL = System.getProperty("ringkeep.proof", "").equals("full");
  private static final int KILLS = FULL ? 30 : 4;
  private static final int SIGKILL = 128 + 9;
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;
  private final Random random = Seeds.random("KilledMaintenanceIT");
  private int killed;

  @Test
  void maintenance_killedAtRandomPoints_leavesEverySnapshotWhole() throws Exception {
    Path repository = folder.resolve("repository");
    Launcher processes = Launcher.ofClasses(folder).variable("RINGKEEP_PASSPHRASE", PASSPHRASE);
    Shell shell = new Shell(repository.toString(), PASSPHRASE);
    shell.succeed("init");
    Map<String, String> digests = new HashMap<>();
    takeSnapshot(shell, digests);
    takeSnapshot(shell, digests);
    long start = System.nanoTime();
    assertThat(processes.run("compact", "-r", repository.toString()).exitCode()).isZero();
    long wholeNanos = System.nanoTime() - start;

    for (int kill = 0; kill < KILLS; kill++) {
      takeSnapshot(shell, digests);
      String[] words =
          kill % 2 == 0
              ? new String[] {"compact", "-r", repository.toString()}
              : new String[] {
                "forget",
                "-r",
                repository.toString(),
                "--keep-last",
                "2",
                "--yes",
                "--prune",
                "--grace",
                "0s"
              };
      long begun = System.nanoTime();
      Launcher.Running running = processes.start(words);
      long delay = (long) (wholeNanos * (0.4 + 0.7 * random.nextDouble()));
      if (!running.process().waitFor(delay, TimeUnit.NANOSECONDS)) {
        running.process().destroyForcibly();
      }
      Launcher.Ended ended = running.await();
      String when = "%s killed: %s".formatted(List.of(words), ended);
      assertThat(ended.exitCode()).as(when).isIn(SIGKILL, 0);
      if (ended.exitCode() == SIGKILL) {
        killed++;
      } else {
        // It was faster than the one that was timed.
        wholeNanos = Math.min(wholeNanos * 3 / 4, System.nanoTime() - begun);
      }

      JsonNode verified = shell.json("verify");
      assertThat(verified.get("whole").asBoolean()).as("%s%n%s", when, verified).isTrue();
      List<String> ids = new ArrayList<>();
      for (JsonNode snapshot : shell.json("list")) {
        String id = snapshot.get("id").asString();
        ids.add(id);
        assertThat(snapshot.get("digest").asString()).as(when).isEqualTo(digests.get(id));
      }
      // The newest two stay, whatever was asked.
      assertThat(ids).as(when).hasSizeGreaterThanOrEqualTo(2);
    }
    System.out.printf(
        "KilledMaintenanceIT: of %d runs %d were killed before they had ended%n", KILLS, killed);
    shell.succeed("forget", "--keep-last", "1", "--yes", "--prune", "--grace", "0s");
    assertThat(shell.json("prune", "--grace", "0s").get(0).get("objects").asInt()).isZero();
    JsonNode last = shell.json("verify");
    assertThat(last.get("whole").asBoolean()).as("%s", last).isTrue();
    assertThat(last.get("orphans").size()).as("%s", last).isZero();
    assertThat(killed).as("kills that met a running command").isPositive();
  }

  private void takeSnapshot(Shell shell, Map<String, String> digests) throws IOException {
    Path one = RdbFiles.write(folder.resolve("1.rdb"), "one:", 20_000, random);
    Path two = RdbFiles.write(folder.resolve("2.rdb"), "two:", 20_000, random);
    JsonNode taken = shell.json("import", one.toString(), two.toString());
    digests.put(taken.get("id").asString(), taken.get("digest").asString());
  }
}
