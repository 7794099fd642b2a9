package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Moments through the commands: made snapshots by the archiver and by hand, proven, looked at, and
/// refused where the timeline that was named does not have them.
class MomentCommandsIT {
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;

  @Test
  void moments_ofALog_becomeSnapshotsAndProofs() throws Exception {
    Engine engine = Engines.redis70();
    String program = engine.server().toString();
    String repository = folder.resolve("repository").toString();
    Launcher processes =
        Launcher.ofClasses(folder)
            .variable("RINGKEEP_PASSPHRASE", PASSPHRASE)
            .variable("XDG_STATE_HOME", folder.resolve("state").toString());
    Shell shell = new Shell(repository, PASSPHRASE);
    shell.succeed("init");
    try (TestServer source = TestServer.start(engine)) {
      source.call("SET", "kept", "1");
      Launcher.Running archive =
          processes.start(
              "archive",
              "-r",
              repository,
              "--source",
              source.uri(),
              "--synthetic-every",
              "1s",
              "--engine",
              program);
      String forks;
      try {
        archive.until(() -> archive.said("base taken"));
        forks = source.info("stats").get("total_forks");
        source.call("SET", "written", "2");
        archive.until(() -> shell.json("drill", "--results").size() > 0);
        archive.until(() -> shell.json("status").get("healthy").asBoolean());
        archive.signal("TERM");
      } finally {
        archive.process().destroy();
        archive.await();
      }
      // What the archiver made of its log is a snapshot and a proof of it, and cost no fork.
      assertThat(source.info("stats").get("total_forks")).isEqualTo(forks);
      assertThat(shell.json("list").size()).isGreaterThan(1);
      assertThat(shell.json("drill", "--results").at("/0/moment").isString()).isTrue();

      JsonNode window = shell.json("status").at("/caches/0/logs/0/windows/0");
      assertThat(window.get("timeline").asInt()).isEqualTo(1);
      String end = "offset:" + window.get("endOffset").asString();
      JsonNode drill = answer(shell, "drill", "--to", end, "--timeline", "1", "--engine", program);
      assertThat(drill.get("records").asLong()).isEqualTo(2);
      assertThat(drill.get("moment").asString()).isEqualTo(end);

      int proofs = shell.json("drill", "--results").size();
      JsonNode made = answer(shell, "log", "base", "--engine", program);
      assertThat(shell.json("drill", "--results").size()).isEqualTo(proofs + 1);
      JsonNode newest = answer(shell, "drill", "--engine", program);
      assertThat(newest.get("snapshot")).isEqualTo(made.get("id"));
      assertThat(newest.get("digest")).isEqualTo(drill.get("digest"));

      String there = window.get("until").asString();
      assertThat(shell.succeed("get", "kept", "--at", there, "--timeline", "1").out())
          .contains("in the log behind snapshot");
      assertThat(shell.fail(3, "get", "kept", "--at", there, "--timeline", "2").err())
          .contains("no such timeline: timeline=2", "restorable is");
      shell.fail(3, "drill", "--to", end, "--timeline", "2");
      shell.fail(3, "drill", "--to", "2020-01-01T00:00:00Z");
      shell.fail(2, "drill", "--timeline", "1");
      shell.fail(2, "get", "kept", "--timeline", "1");
      shell.fail(2, "restore", "--target", source.uri(), "--timeline", "1", "--yes");
    }
  }

  /// The answer of a command that says on standard error how it goes.
  private static JsonNode answer(Shell shell, String... words) {
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--output";
    all[words.length + 1] = "json";
    return JsonMapper.shared().readTree(shell.succeed(all).out());
  }
}
