package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;

/// The archiver as a process: killed, started again, stopped, asked how it goes; and what it has
/// recorded, restored.
class ArchiveIT {
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;

  @Test
  void archive_killedAgainAndAgain_losesNothingThatWasOnItsDisk() throws Exception {
    String repository = folder.resolve("repository").toString();
    Launcher processes =
        Launcher.ofClasses(folder)
            .variable("RINGKEEP_PASSPHRASE", PASSPHRASE)
            .variable("XDG_STATE_HOME", folder.resolve("state").toString());
    Shell shell = new Shell(repository, PASSPHRASE);
    shell.succeed("init");
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70());
        Jedis client = source.client()) {
      String[] archive = {"archive", "-r", repository, "--source", source.uri()};
      int written = 0;
      for (int round = 0; round < 3; round++) {
        Launcher.Running running = processes.start(archive);
        try {
          running.until(() -> running.said("receiving"));
          for (int i = 0; i < 2_000; i++) {
            Raw.call(client, "RPUSH", "written", Integer.toString(written++));
          }
          // The archiver acknowledges what is on its disk, and WAIT hears it.
          assertThat(Raw.number(Raw.call(client, "WAIT", "1", "50000"))).isEqualTo(1);
        } finally {
          running.signal("KILL");
          running.await();
        }
      }
      Launcher.Running running = processes.start(archive);
      running.until(() -> healthy(shell, source));
      JsonNode log = shell.json("status").at("/caches/0/logs/0");
      assertThat(log.get("windows").size()).as("%s", log).isEqualTo(1);
      assertThat(log.get("gaps").size()).isZero();
      Raw.call(client, "FLUSHALL");
      Raw.call(client, "SET", "behind", "it");
      running.until(() -> healthy(shell, source));
      running.signal("TERM");
      Launcher.Ended ended = running.await();
      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(143);
      assertThat(ended.err()).endsWith("the next run goes on from there\n");

      Launcher.Ended status = shell.run("status");
      assertThat(status.exitCode()).isEqualTo(1);
      assertThat(status.out()).contains("nobody archives", "log of shard 0");
      JsonNode events = shell.json("log", "events");
      assertThat(events.size()).as("%s", events).isEqualTo(1);
      assertThat(events.at("/0/command").asString()).startsWith("FLUSHALL");
      String id = events.at("/0/id").asString();
      JsonNode plan =
          shell.json("restore", "--to", "before:" + id, "--target", target.uri(), "--dry-run");
      assertThat(plan.at("/moments/0/firstDropped").asString()).startsWith("FLUSHALL");
      assertThat(plan.at("/moments/0/lastKept").asString())
          .isEqualTo("RPUSH written " + (written - 1));
      shell.succeed("restore", "--to", "before:" + id, "--target", target.uri(), "--yes");
      assertThat(Raw.number(target.call("LLEN", "written"))).isEqualTo(written);
      assertThat(target.text("LINDEX", "written", "-1")).isEqualTo(Integer.toString(written - 1));
      shell.fail(3, "restore", "--to", "2020-01-01T00:00:00Z", "--target", target.uri(), "--yes");
      shell.fail(2, "restore", "--to", "2026-01-01T00:00:00", "--target", target.uri(), "--yes");
    }
  }

  /// Whether `status` says that all is well and the log ends where the server does.
  private static boolean healthy(Shell shell, TestServer source) {
    JsonNode status = shell.json("status");
    String offset = source.info("replication").get("master_repl_offset");
    return status.get("healthy").asBoolean()
        && status.at("/caches/0/logs/0/windows/0/endOffset").asString().equals(offset);
  }
}
