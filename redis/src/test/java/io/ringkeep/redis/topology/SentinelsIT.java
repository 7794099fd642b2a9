package io.ringkeep.redis.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestSentinels;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.testkit.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SentinelsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final List<String> SETTINGS =
      List.of(
          "down-after-milliseconds",
          "quorum",
          "failover-timeout",
          "parallel-syncs",
          "config-epoch",
          "ip",
          "port",
          "num-slaves",
          "num-other-sentinels");

  /// These tests wait for Sentinel: one engine is a sample.
  static Stream<Engine> engines() {
    return full() ? Engines.all() : Stream.of(Engines.redis62());
  }

  private static boolean full() {
    return System.getProperty("ringkeep.proof", "sample").equals("full");
  }

  private static Sentinels sentinels(TestSentinels group) {
    return Sentinels.of(
        TopologyDiscovery.discover(RedisUri.parse(group.uri()), ConnectionOptions.DEFAULT),
        ConnectionOptions.DEFAULT);
  }

  private static Map<String, String> settings(TestSentinels group, TestServer sentinel) {
    Map<String, @Nullable Object> state = group.state(sentinel);
    Map<String, String> settings = new TreeMap<>();
    SETTINGS.forEach(name -> settings.put(name, Raw.text(state.get(name))));
    return settings;
  }

  private static List<Map<String, String>> settings(TestSentinels group) {
    return group.sentinels().stream().map(sentinel -> settings(group, sentinel)).toList();
  }

  private static List<String> downAfter(TestSentinels group) {
    return settings(group).stream().map(all -> all.get("down-after-milliseconds")).toList();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void pause_primarySilentForLongerThanDownAfter_isNotFailedOver(Engine engine) throws Exception {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start();
        TestSentinels group = TestSentinels.watch("orders", primary, 1)) {
      List<Map<String, String>> before = settings(group);
      Sentinels sentinels = sentinels(group);

      sentinels.pause();
      assertThat(sentinels.paused()).hasSize(3);
      primary.pause();
      Thread.sleep(Duration.ofSeconds(4)); // down-after is one second
      primary.resume();
      assertThat(group.sentinels())
          .allSatisfy(sentinel ->
              assertThat(Raw.text(group.state(sentinel).get("flags"))).isEqualTo("master"));
      sentinels.resume(PATIENCE, Clock.systemUTC());

      assertThat(sentinels.paused()).isEmpty();
      assertThat(settings(group)).isEqualTo(before);
      assertThat(replica.info("replication")).containsEntry("role", "slave");
      // And they do watch again.
      primary.kill();
      group.awaitPrimary(replica);
    }
  }

  /// Sentinel looks at the primary every ten seconds, and 21 seconds after it has seen a replica
  /// there it would call it down.
  @ParameterizedTest
  @MethodSource("engines")
  void resume_primaryIsAReplica_waitsUntilItIsOneAgain(Engine engine) throws Exception {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start();
        TestServer source = TestServer.start(engine);
        TestSentinels group = TestSentinels.watch("orders", primary, 1)) {
      List<Map<String, String>> before = settings(group);
      Sentinels sentinels = sentinels(group);

      sentinels.pause();
      primary.call("REPLICAOF", source.host(), Integer.toString(source.port()));
      for (TestServer sentinel : group.sentinels()) {
        Waiting.until(
            () -> "slave".equals(Raw.text(group.state(sentinel).get("role-reported"))),
            PATIENCE,
            () -> "Sentinel to see a replica");
      }
      Thread.sleep(full() ? Duration.ofSeconds(30) : Duration.ZERO);
      assertThatThrownBy(() -> sentinels.resume(Duration.ofSeconds(1), Clock.systemUTC()))
          .isInstanceOf(Unavailable.class)
          .hasMessageStartingWith("Sentinels are still paused and will not fail over: name=orders")
          .satisfies(failure ->
              assertThat(((Unavailable) failure).hint().orElseThrow())
                  .contains("SENTINEL SET orders down-after-milliseconds"));
      assertThat(sentinels.paused()).hasSize(3);

      primary.call("REPLICAOF", "NO", "ONE");
      sentinels.resume(PATIENCE, Clock.systemUTC());
      Thread.sleep(Duration.ofSeconds(2)); // as long as a hasty failover would take

      assertThat(settings(group)).isEqualTo(before);
      assertThat(group.sentinels())
          .allSatisfy(
              sentinel -> assertThat(group.primaryPort(sentinel)).isEqualTo(primary.port()));
      assertThat(replica.info("replication"))
          .containsEntry("master_port", Integer.toString(primary.port()));
    }
  }

  @Test
  void pause_calledAgainAfterACrash_keepsTheFirstValue() {
    try (TestServer primary = TestServer.start(Engines.redis62());
        TestSentinels group = TestSentinels.watch("orders", primary, 0)) {
      List<String> before = downAfter(group);
      sentinels(group).pause();
      List<String> paused = downAfter(group);

      Sentinels afterCrash = sentinels(group);
      afterCrash.pause();
      assertThat(downAfter(group)).isEqualTo(paused);
      afterCrash.resume(PATIENCE, Clock.systemUTC());
      assertThat(downAfter(group)).isEqualTo(before);
      afterCrash.resume(PATIENCE, Clock.systemUTC());
      assertThat(downAfter(group)).isEqualTo(before);
    }
  }

  @Test
  void pause_sentinelRestarts_staysPaused() throws IOException {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestSentinels group = TestSentinels.watch("orders", primary, 0)) {
      Sentinels sentinels = sentinels(group);
      sentinels.pause();
      TestServer restarted = group.sentinels().getFirst();
      restarted.kill();
      // It keeps its settings in the file it was started from.
      assertThat(Files.readString(restarted.directory().resolve("server.conf")))
          .contains("sentinel down-after-milliseconds orders 1000001000");
      restarted.config("sentinel", "down-after-milliseconds", "orders", "1000001000");
      restarted.start();

      assertThat(sentinels.paused()).hasSize(3);
    }
  }

  @Test
  void pause_oneSentinelGone_isUnavailableAndLeavesTheOthersAsTheyWere() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestSentinels group = TestSentinels.watch("orders", primary, 0)) {
      Sentinels sentinels = sentinels(group);
      TestServer gone = group.sentinels().getLast();
      gone.kill();

      assertThatThrownBy(sentinels::pause)
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining(gone.address());
      assertThat(group.sentinels().subList(0, 2))
          .allSatisfy(sentinel ->
              assertThat(settings(group, sentinel))
                  .containsEntry("down-after-milliseconds", "1000"));
    }
  }

  @Test
  void pause_oneSentinelRefuses_resumesTheOthers() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestSentinels group = TestSentinels.watch("orders", primary, 0)) {
      Sentinels sentinels = sentinels(group);
      TestServer last = group.sentinels().getLast();
      last.call("ACL", "SETUSER", "default", "-sentinel|set");

      assertThatThrownBy(sentinels::pause).isInstanceOf(AccessDenied.class);

      assertThat(downAfter(group)).containsOnly("1000");
    }
  }
}
