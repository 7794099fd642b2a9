package io.ringkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.client.Exchange.Request;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestSentinels;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;

/// Whom requests go to while servers change their parts, hang or leave.
class KeyRoutingIT {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static KeyBackups sentinel(TestSentinels sentinels) {
    return KeyBackups.sentinel(
        sentinels.name(),
        sentinels.sentinels().stream().map(TestServer::address).toList(),
        CacheLogin.DEFAULT,
        CacheLogin.DEFAULT);
  }

  /// A key of the server that has slot 0.
  private static String keyOfFirst() {
    int key = 0;
    while (Slot.of(ByteBuffer.wrap(bytes("key" + key))) >= TestCluster.SLOTS / 2) {
      key++;
    }
    return "key" + key;
  }

  @Test
  void backup_serverWithoutSlotsIsAskedFirst_asksTheNext() {
    try (TestCluster cluster =
            TestCluster.builder(Engines.redis70()).primaries(2).replicasOfEach(1).start();
        TestServer stranger = TestServer.builder(Engines.redis70()).cluster().start()) {
      TestServer first = cluster.primaries().get(0);
      assertThatThrownBy(() -> KeyBackups.cluster(List.of(stranger.address()), CacheLogin.DEFAULT))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("no cluster that has slots");
      try (KeyBackups backups =
          KeyBackups.cluster(List.of(stranger.address(), first.address()), CacheLogin.DEFAULT)) {
        String key = keyOfFirst();
        first.text("SET", key, "value");
        backups.backup(key, "{" + key + "}:b1");

        cluster.failOver(cluster.replicasOf(first).get(0));
        first.text("CLUSTER", "RESET", "HARD");
        backups.backup(key, "{" + key + "}:b2");

        assertThat(backups.list(key)).hasSize(2);
      }
    }
  }

  @Test
  void run_serverThatAnswersTooLate_isNotAskedAgain() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Routing routing =
            SingleRouting.standalone(
                HostAndPort.from(server.address()), CacheLogin.plain(Duration.ofMillis(300)))) {
      Exchange exchange = new Exchange(routing);
      Request slow =
          new Request(
              bytes("counter"),
              /* repeatable= */ true,
              List.of(
                  new CommandArguments(Command.INCR).key("counter"),
                  new CommandArguments(() -> bytes("DEBUG")).add("SLEEP").add("1")));

      assertThatThrownBy(() -> exchange.run(slow).get())
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("server does not answer in time: server=" + server.address());
      server.await("its wake", () -> "1".equals(server.text("GET", "counter")));
      assertThat(server.text("GET", "counter")).isEqualTo("1");
    }
  }

  @Test
  void backup_primaryThatSentinelsDemoted_isLeftForTheNewOne() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(primary).start()) {
      replica.awaitLinkUp();
      try (TestSentinels sentinels = TestSentinels.watch("orders", primary, 1);
          KeyBackups backups = sentinel(sentinels)) {
        primary.text("SET", "key", "value");
        primary.awaitReplicas(1);
        sentinels.sentinels().get(0).text("SENTINEL", "FAILOVER", "orders");
        sentinels.awaitPrimary(replica);
        primary.await(
            "its demotion", () -> "slave".equals(primary.info("replication").get("role")));
        primary.awaitLinkUp();

        backups.backup("key", "b");

        assertThat(replica.call("EXISTS", "b")).isEqualTo(1L);
      }
    }
  }

  @Test
  void backupAll_primaryAndSentinelsAway_failsEachKeyForItself() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(primary).start()) {
      replica.awaitLinkUp();
      try (TestSentinels sentinels = TestSentinels.watch("orders", primary, 1);
          KeyBackups backups = sentinel(sentinels)) {
        List<TestServer> all = new ArrayList<>(sentinels.sentinels());
        all.add(primary);
        all.forEach(TestServer::kill);

        List<KeyOutcome> outcomes =
            backups.backupAll(
                List.of(KeyPair.of("a", "b"), KeyPair.of("c", "d")), BackupOptions.DEFAULT);

        assertThat(outcomes)
            .hasSize(2)
            .allSatisfy(outcome ->
                assertThat(outcome.failure().orElseThrow())
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining(primary.address()));
      }
    }
  }
}
