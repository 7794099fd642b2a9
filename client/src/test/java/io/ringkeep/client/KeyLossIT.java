package io.ringkeep.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;

/// Backups on a cluster of three primaries, of which some keys get lost.
class KeyLossIT {
  private static TestCluster cluster;
  private KeyBackups backups;

  @BeforeAll
  static void start() {
    cluster = TestCluster.start(Engines.redis70(), 3);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void open() {
    backups =
        KeyBackups.cluster(
            cluster.servers().stream().map(TestServer::address).toList(), CacheLogin.DEFAULT);
  }

  @AfterEach
  void clear() {
    backups.close();
    cluster.servers().forEach(server -> server.call("FLUSHALL"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static TestServer owner(String key) {
    return cluster.owner(Slot.of(ByteBuffer.wrap(bytes(key))));
  }

  private static void set(String key, String value) {
    owner(key).text("SET", key, value);
  }

  private static Routing routing() {
    return new ClusterRouting(
        List.of(HostAndPort.from(cluster.servers().get(0).address())), CacheLogin.DEFAULT);
  }

  private static long keys() {
    return cluster.servers().stream().mapToLong(server -> server.keys(0)).sum();
  }

  @Test
  void backup_valueLargerThanARestoreCanSend_isRefusedAlsoInPieces() {
    try (Routing routing = routing()) {
      set("key", "0123456789".repeat(1_000));
      BackupTask task =
          new BackupTask(
              new Exchange(routing),
              routing,
              new ExactEnds(),
              List.of(KeyPair.of("key", "b")),
              BackupOptions.DEFAULT.divide(3),
              /* mostBytes= */ 100);

      assertThat(task.run().get(0).failure().orElseThrow())
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("value is larger than a server takes back: key=key")
          .hasMessageNotContaining("divide");
      assertThat(keys()).isEqualTo(1);
    }
  }
}
