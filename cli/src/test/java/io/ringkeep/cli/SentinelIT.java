package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.topology.Sentinels;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestSentinels;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A cache behind Sentinels, as an operator meets them.
class SentinelIT {
  private static final String OF_SERVERS = "RINGKEEP_SOURCE_PASSWORD";
  private static final String OF_SENTINELS = "RINGKEEP_SOURCE_SENTINEL_PASSWORD";

  @TempDir Path folder;

  @Test
  void source_sentinelsWithAPasswordOfTheirOwn_isReachedWithBothAndWithNoOther() throws Exception {
    try (TestServer primary = TestServer.builder(Engines.redis70()).password("hunter2").start();
        TestSentinels sentinels = TestSentinels.watch("orders", primary, 0, "hunter3")) {
      primary.text("SET", "k", "v");
      Shell plain = new Shell(folder.resolve("repository").toString(), "correct horse");
      plain.succeed("init");

      // A server's password is not tried at a Sentinel.
      Shell missing = plain.variable(OF_SERVERS, "hunter2");
      assertThat(missing.fail(5, "backup", "--source", sentinels.uri()).err())
          .contains("Sentinel asks for a password of its own: sentinel=127.0.0.1:")
          .contains(OF_SENTINELS);
      assertThat(missing.fail(5, "key", "list", "k", "--source", sentinels.uri()).err())
          .contains("Sentinel refuses the login: sentinel=127.0.0.1:");

      Shell wrong = missing.variable(OF_SENTINELS, "hunter2");
      assertThat(wrong.fail(5, "backup", "--source", sentinels.uri()).err())
          .contains("wrong user or password of a Sentinel: sentinel=127.0.0.1:")
          .contains("user=default")
          .contains(OF_SENTINELS)
          .doesNotContain("hunter");

      Shell right = missing.variable(OF_SENTINELS, "hunter3");
      right.succeed("backup", "--source", sentinels.uri());
      right.succeed("key", "backup", "k", "saved", "--source", sentinels.uri());
      assertThat(primary.keys(0)).isGreaterThan(1);

      String file = Files.writeString(folder.resolve("password"), "hunter3\n").toString();
      missing.succeed(
          "backup", "--source", sentinels.uri(), "--source-sentinel-password-file", file);
      userOfItsOwn(missing.variable(OF_SENTINELS, "hunter4"), sentinels);
    }
  }

  private static void userOfItsOwn(Shell shell, TestSentinels sentinels) {
    for (TestServer sentinel : sentinels.sentinels()) {
      sentinel.text(
          "ACL",
          "SETUSER",
          "keeper",
          "on",
          ">hunter4",
          "+sentinel|master",
          "+sentinel|masters",
          "+sentinel|myid",
          "+sentinel|get-master-addr-by-name",
          "+sentinel|slaves",
          "+sentinel|sentinels");
    }
    String[] backup = {"backup", "--source", sentinels.uri(), "--source-sentinel-user", "keeper"};
    shell.succeed(backup);
    for (TestServer sentinel : sentinels.sentinels()) {
      sentinel.text("ACL", "SETUSER", "keeper", "-sentinel|slaves");
    }
    assertThat(shell.fail(5, backup).err()).contains("ACL SETUSER keeper +sentinel");
  }

  @Test
  void check_afterARestoreThatWasKilled_saysThatSentinelsArePaused() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestSentinels sentinels = TestSentinels.watch("orders", primary, 0)) {
      Shell shell = new Shell(folder.resolve("repository").toString(), "correct horse");
      shell.succeed("init");
      shell.succeed("backup", "--source", sentinels.uri());
      assertThat(shell.succeed("check", "--source", sentinels.uri()).out())
          .doesNotContain("a restore has paused them");
      Topology topology =
          TopologyDiscovery.discover(RedisUri.parse(sentinels.uri()), ConnectionOptions.DEFAULT);

      Sentinels.of(topology, ConnectionOptions.DEFAULT).pause(); // and then comes kill -9

      for (String side : List.of("--source", "--target")) {
        assertThat(shell.succeed("check", side, sentinels.uri()).out())
            .contains("WARN  sentinels")
            .contains("a restore has paused them, and they do not fail over: sentinels=[127.0.0.1:")
            .contains("SENTINEL SET orders down-after-milliseconds VALUE");
      }
      // What the hint says does put them back.
      for (TestServer sentinel : sentinels.sentinels()) {
        String paused = Raw.text(sentinels.state(sentinel).get("down-after-milliseconds"));
        long before = Long.parseLong(paused) - 1_000_000_000;
        assertThat(before).isEqualTo(1000);
        sentinel.text(
            "SENTINEL", "SET", "orders", "down-after-milliseconds", Long.toString(before));
      }
      assertThat(shell.succeed("check", "--source", sentinels.uri()).out())
          .doesNotContain("a restore has paused them");
    }
  }
}
