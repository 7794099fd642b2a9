package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// SIGKILL in the midst of a backup, of everything or of what changed, again and again: what is
/// committed stays whole, and nothing is in the way of the next backup.
/*
 * Chance decides when, over the time that a whole run takes. Most of that is spent before anything is written, so every
 * second kill waits for the first data on the disk and falls into what is left from there, its beginning above all:
 * data, index, manifest and ledger record come within milliseconds, and the end of the process takes longer.
 */
class KilledBackupIT {
  private static final boolean FULL = System.getProperty("ringkeep.proof", "").equals("full");
  private static final int REPOSITORIES = FULL ? 5 : 1;
  private static final int KILLS = FULL ? 10 : 5;
  private static final int SIGKILL = 128 + 9;
  private static final long DATA_BYTES = 100_000;

  /// What a holder of a lease is given that is not known to be dead.
  private static final Duration LEASE = Duration.ofSeconds(60);

  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;
  private final Random random = Seeds.random("KilledBackupIT");
  private int killed;
  private int withFiles;

  @Test
  void backup_killedAtRandomPoints_leavesAWholeRepositoryAndTheNextOneCommits() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      server.call("DEBUG", "POPULATE", "50000", "key", "200");
      RandomValues.write(server, random, 1500, 4096);
      for (int number = 0; number < REPOSITORIES; number++) {
        killBackups(folder.resolve("repository-" + number), server);
      }
    }
    System.out.printf(
        "KilledBackupIT: of %d backups %d were killed before they had ended, %d of them left"
            + " files%n",
        REPOSITORIES * KILLS, killed, withFiles);
    assertThat(killed).as("kills that met a running backup").isPositive();
  }

  private void killBackups(Path repository, TestServer server) throws Exception {
    Launcher processes = Launcher.ofClasses(folder).variable("RINGKEEP_PASSPHRASE", PASSPHRASE);
    Shell shell = new Shell(repository.toString(), PASSPHRASE);
    String[] backup = {"backup", "-r", repository.toString(), "--source", server.uri()};
    String[] full = {"backup", "--full", "-r", repository.toString(), "--source", server.uri()};
    shell.succeed("init");
    Times times = measure(repository, processes.start(backup));
    int snapshots = 1;
    for (int kill = 0; kill < KILLS; kill++) {
      boolean fromData = kill % 2 == 1;
      Duration delay =
          fromData
              ? part(times.fromData(), Math.pow(random.nextDouble(), 3))
              : part(times.whole(), (kill + random.nextDouble()) / KILLS);
      // What changed is some 1 MB, so that its data is seen on the disk, too.
      RandomValues.write(server, random, 300, 4096);
      long started = System.nanoTime();
      Launcher.Running running = processes.start(random.nextBoolean() ? backup : full);
      if (fromData) {
        awaitData(repository, running);
      }
      Launcher.Ended ended = killAfter(delay, running);
      String when =
          "killed %s after the %s; times: %s; killed: %s"
              .formatted(delay, fromData ? "first data" : "start", times, ended);
      assertThat(ended.exitCode()).as(when).isIn(SIGKILL, 0);
      if (ended.exitCode() == SIGKILL) {
        killed++;
      } else {
        // The machine was busier when the time was taken.
        times = times.atMost(Duration.ofNanos(System.nanoTime() - started));
      }

      List<Path> unnamed = files(repository.resolve(".tmp"));
      JsonNode verified = shell.json("verify");
      assertThat(verified.get("whole").asBoolean()).as("%s%n%s", when, verified).isTrue();
      int found = verified.get("snapshots").size();
      // The last thing that a run does after its commit is to say so.
      assertThat(found)
          .as(when)
          .isBetween(snapshots + (ended.exitCode() == 0 ? 1 : 0), snapshots + 1);
      List<Path> orphans =
          verified
              .get("orphans")
              .valueStream()
              .map(name -> repository.resolve(name.asString()))
              .toList();
      withFiles += orphans.isEmpty() && unnamed.isEmpty() ? 0 : 1;

      long start = System.nanoTime();
      Launcher.Ended next = shell.run("backup", "--source", server.uri());
      assertThat(next.exitCode()).as("%s%nthen %s", when, next).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).as(when).isLessThan(LEASE);
      snapshots = found + 1;
      assertThat(shell.json("list").size()).as(when).isEqualTo(snapshots);
      assertThat(orphans).as(when).allMatch(Files::notExists);
      assertThat(files(repository.resolve(".tmp"))).as(when).isEmpty();
    }
    JsonNode last = shell.json("verify");
    assertThat(last.get("whole").asBoolean()).as("%s", last).isTrue();
    assertThat(last.get("orphans").size()).as("%s", last).isZero();
  }

  /// How long a backup takes.
  ///
  /// @param whole from the start of the process
  /// @param fromData from the first data on the disk
  private record Times(Duration whole, Duration fromData) {
    Times atMost(Duration measured) {
      return measured.compareTo(whole) < 0
          ? new Times(measured, part(fromData, (double) measured.toNanos() / whole.toNanos()))
          : this;
    }
  }

  private static Times measure(Path repository, Launcher.Running running) throws Exception {
    long start = System.nanoTime();
    awaitData(repository, running);
    long data = System.nanoTime();
    Launcher.Ended ended = running.await();
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    long end = System.nanoTime();
    return new Times(Duration.ofNanos(end - start), Duration.ofNanos(end - data));
  }

  private static Duration part(Duration time, double part) {
    return Duration.ofNanos((long) (time.toNanos() * part));
  }

  /// Returns when an object has begun that is larger than leases and ledger records are, or the run
  /// has ended.
  private static void awaitData(Path repository, Launcher.Running running) throws Exception {
    while (running.process().isAlive()) {
      for (Path file : files(repository.resolve(".tmp"))) {
        try {
          if (Files.size(file) > DATA_BYTES) {
            return;
          }
        } catch (NoSuchFileException e) {
          // It has its name now.
        }
      }
      Thread.sleep(1);
    }
  }

  private static Launcher.Ended killAfter(Duration delay, Launcher.Running running)
      throws IOException, InterruptedException {
    if (!running.process().waitFor(delay.toNanos(), TimeUnit.NANOSECONDS)) {
      running.process().destroyForcibly();
    }
    return running.await();
  }

  private static List<Path> files(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
