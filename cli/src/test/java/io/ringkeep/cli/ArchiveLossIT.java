package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import tools.jackson.databind.JsonNode;

/// What is lost when the server and its archiver die in the same instant.
class ArchiveLossIT {
  private static final int DEATHS = "full".equals(System.getProperty("ringkeep.proof")) ? 50 : 3;
  private static final Duration MOST = Duration.ofSeconds(1);
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;

  /// Appends numbers until the server is gone, and notes when each was acknowledged.
  private static final class Journal {
    final List<Long> acknowledgedNanos = Collections.synchronizedList(new ArrayList<>());
    private final Thread thread;

    Journal(TestServer server) {
      thread =
          Thread.ofPlatform()
              .start(() -> {
                try (Jedis client = server.client()) {
                  while (true) {
                    Raw.call(client, "RPUSH", "written", Integer.toString(count()));
                    acknowledgedNanos.add(System.nanoTime());
                  }
                } catch (JedisException e) {
                  // This is how it ends.
                }
              });
    }

    int count() {
      return acknowledgedNanos.size();
    }

    void await() throws InterruptedException {
      thread.join();
    }
  }

  /// While `status` says that all is well, both are killed at once. The archiver is started again,
  /// with no server to be seen: what it had on its disk goes into the repository, and whatever was
  /// acknowledged more than a second before the death is restored.
  @Test
  void serverAndArchiver_killedAtOnce_loseASecondAtMost() throws Exception {
    String repository = folder.resolve("repository").toString();
    Launcher processes =
        Launcher.ofClasses(folder)
            .variable("RINGKEEP_PASSPHRASE", PASSPHRASE)
            .variable("XDG_STATE_HOME", folder.resolve("state").toString());
    Shell shell = new Shell(repository, PASSPHRASE);
    shell.succeed("init");
    Duration worst = Duration.ZERO;
    try (TestServer target = TestServer.start(Engines.redis70())) {
      for (int death = 0; death < DEATHS; death++) {
        Duration lost = die(processes, shell, repository, "cache" + death, target);
        assertThat(lost).as("death %d", death).isLessThanOrEqualTo(MOST);
        worst = lost.compareTo(worst) > 0 ? lost : worst;
      }
    }
    System.out.printf("deaths=%d worst loss=%d ms%n", DEATHS, worst.toMillis());
  }

  /// @return for how long before the death nothing that was acknowledged came back
  private static Duration die(
      Launcher processes, Shell shell, String repository, String cache, TestServer target)
      throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70())) {
      String[] archive = {"archive", "-r", repository, "--cache", cache, "--source", source.uri()};
      Launcher.Running running = processes.start(archive);
      Journal journal;
      long deathNanos;
      try {
        running.until(() -> running.said("receiving"));
        journal = new Journal(source);
        running.until(() -> journal.count() > 1_000 && healthy(shell, cache));
        deathNanos = System.nanoTime();
        source.kill();
        running.signal("KILL");
      } finally {
        running.process().destroyForcibly();
        running.await();
      }
      journal.await();

      Launcher.Running again = processes.start(archive);
      try {
        again.until(() -> again.said("not receiving"));
        again.signal("TERM");
      } finally {
        again.await();
      }
      long end = log(shell, cache).at("/windows/0/endOffset").asLong();
      shell.succeed(
          "restore",
          "--cache",
          cache,
          "--to",
          "offset:" + end,
          "--target",
          target.uri(),
          "--existing",
          "replace",
          "--no-undo",
          "--yes");
      int there = (int) Raw.number(target.call("LLEN", "written"));
      assertThat(target.text("LINDEX", "written", "-1")).isEqualTo(Integer.toString(there - 1));
      int acknowledged = journal.count();
      // One write more than was acknowledged may have been done.
      assertThat(there).isPositive().isLessThanOrEqualTo(acknowledged + 1);
      return there >= acknowledged
          ? Duration.ZERO
          : Duration.ofNanos(Math.max(0, deathNanos - journal.acknowledgedNanos.get(there)));
    }
  }

  private static JsonNode log(Shell shell, String cache) {
    for (JsonNode one : shell.json("status").get("caches")) {
      if (one.get("cache").asString().equals(cache)) {
        return one.at("/logs/0");
      }
    }
    throw new AssertionError("no such cache: " + cache);
  }

  /// Whether the log of the cache is well kept, and stands on a base.
  private static boolean healthy(Shell shell, String cache) {
    try {
      JsonNode log = log(shell, cache);
      return !log.isMissingNode()
          && log.get("healthy").asBoolean()
          && log.at("/windows/0/bases").asInt() > 0;
    } catch (AssertionError e) {
      return false;
    }
  }
}
