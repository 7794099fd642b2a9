package io.ringkeep.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.util.JedisClusterCRC16;

class ClusterIT {
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void start_threePrimariesWithReplicas_servesAllSlots(Engine engine) {
    try (TestCluster cluster = TestCluster.builder(engine).primaries(3).replicasOfEach(1).start()) {
      assertThat(cluster.servers()).hasSize(6);
      assertThat(cluster.primaries()).hasSize(3);
      for (TestServer primary : cluster.primaries()) {
        assertThat(cluster.replicasOf(primary)).hasSize(1);
      }
      int slot = JedisClusterCRC16.getSlot("k");
      assertThat(cluster.owner(slot).text("SET", "k", "v")).isEqualTo("OK");
    }
  }

  @Test
  void failOver_replica_becomesPrimaryOfTheSameSlots() {
    try (TestCluster cluster =
        TestCluster.builder(Engines.redis70()).primaries(3).replicasOfEach(1).start()) {
      TestServer primary = cluster.owner(0);
      TestServer replica = cluster.replicasOf(primary).getFirst();
      cluster.failOver(replica);
      assertThat(cluster.owner(0)).isSameAs(replica);
      assertThat(cluster.replicasOf(replica)).containsExactly(primary);
    }
  }

  @Test
  void start_passwordAndTls_servesAllSlots(@TempDir Path directory) {
    TestCertificates certificates = TestCertificates.in(directory);
    try (TestCluster cluster =
        TestCluster.builder(Engines.redis70())
            .primaries(2)
            .replicasOfEach(1)
            .servers(server -> server.password("secret").tls(certificates, true))
            .start()) {
      Dataset.of(7, 50).writeTo(cluster);
      assertThat(Oracle.read(cluster).keys()).isGreaterThan(50);
      assertThat(cluster.uri()).startsWith("rediss://127.0.0.1:");
    }
  }
}
