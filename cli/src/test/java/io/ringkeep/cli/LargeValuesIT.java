package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Values that are larger than the heap of the process that handles them, or have more elements than
/// it could hold. Minutes, so only at full count.
@EnabledIfSystemProperty(named = "ringkeep.proof", matches = "full")
class LargeValuesIT {
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;

  private Launcher ringkeep(int heapMebibytes) {
    return Launcher.ofClasses(folder)
        .withHeap(heapMebibytes)
        .variable("RINGKEEP_PASSPHRASE", PASSPHRASE)
        .variable("RINGKEEP_REPOSITORY", folder.resolve("repository").toString());
  }

  private static void succeed(Launcher launcher, String... words) {
    Launcher.Ended ended = launcher.run(words);
    assertThat(ended.exitCode()).as("%s: %s", String.join(" ", words), ended.err()).isZero();
  }

  /// Comparing two versions takes 68 MiB at most, however many elements there are.
  @Test
  void hash_ofAMillionFields_isBackedUpShownComparedAndRestoredInASmallHeap() throws Exception {
    Launcher small = ringkeep(160);
    try (TestServer server = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70())) {
      fill(server, 1_000_000);
      succeed(small, "init");
      succeed(small, "backup", "--source", server.uri());
      server.call("HSET", "large", "field:77", "changed");
      server.call("HSET", "large", "another", "field");
      succeed(small, "backup", "--source", server.uri());

      assertThat(small.run("get", "large").out()).contains("100 of 1,000,001 fields shown");
      assertThat(small.run("history", "large").out()).contains("1 added", "1 changed");
      succeed(small, "restore", "--target", target.uri(), "--loader", "restore", "--yes");
      assertThat(target.text("HLEN", "large")).isEqualTo("1000001");
      assertThat(target.text("HGET", "large", "field:77")).isEqualTo("changed");
    }
  }

  private static void fill(TestServer server, int fields) {
    server.call(
        "EVAL",
        """
        for i = 1, ARGV[1], 1000 do
          local words = {}
          for j = i, i + 999 do
            words[#words + 1] = 'field:' .. j
            words[#words + 1] = 'the value of field ' .. j
          end
          redis.call('HSET', KEYS[1], unpack(words))
        end
        """,
        "1",
        "large",
        Integer.toString(fields));
  }

  @Test
  void string_of512MiB_isBackedUpShownAndRestoredInAQuarterOfIt() throws Exception {
    Launcher small = ringkeep(128);
    try (TestServer server = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70())) {
      int most = 512 * 1024 * 1024;
      server.call("SETRANGE", "large", Integer.toString(most - 4), "last");
      server.call("SETRANGE", "large", "1000", "first");
      succeed(small, "init");
      succeed(small, "backup", "--source", server.uri());
      server.call("SETRANGE", "large", "1000", "other");
      succeed(small, "backup", "--source", server.uri());

      assertThat(small.run("get", "large").out()).contains("512.0 MiB in all");
      assertThat(small.run("history", "large").exitCode()).isZero();
      assertThat(small.run("keys", "--top", "1").out()).contains("large");
      Launcher.Running raw = small.start("get", "large", "--raw");
      assertThat(raw.process().waitFor()).isZero();
      assertThat(Files.size(raw.out())).isEqualTo(most);
      Files.delete(raw.out());
      succeed(small, "restore", "--target", target.uri(), "--yes");
      assertThat(target.text("STRLEN", "large")).isEqualTo(Integer.toString(most));
      assertThat(target.text("GETRANGE", "large", "1000", "1004")).isEqualTo("other");
    }
  }
}
