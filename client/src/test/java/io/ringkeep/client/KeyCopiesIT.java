package io.ringkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Copies and pieces on a cluster of six primaries without replicas, where some are killed.
class KeyCopiesIT {
  private static final int PRIMARIES = 6;
  private static final boolean FULL = "full".equals(System.getProperty("ringkeep.proof"));

  private static TestCluster cluster() {
    return TestCluster.builder(Engines.redis70())
        .primaries(PRIMARIES)
        .servers(server ->
            server
                .config("cluster-require-full-coverage", "no")
                .config("cluster-node-timeout", "5000"))
        .start();
  }

  private static KeyBackups backups(TestCluster cluster) {
    return KeyBackups.cluster(
        cluster.servers().stream().map(TestServer::address).toList(), CacheLogin.DEFAULT);
  }

  private static TestServer owner(TestCluster cluster, String key) {
    return cluster.owner(Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8))));
  }

  private static TestServer home(Map<String, TestServer> homes, String key) {
    return Objects.requireNonNull(homes.get(key));
  }

  private static List<int[]> pairs() {
    List<int[]> pairs = new ArrayList<>();
    for (int a = 0; a < PRIMARIES; a++) {
      for (int b = a + 1; b < PRIMARIES; b++) {
        if (FULL || (a + b) % 8 == 1) {
          pairs.add(new int[] {a, b});
        }
      }
    }
    return pairs;
  }

  @Test
  void restore_twoOfThreeCopiesDead_readsTheThirdOrSaysThatTheSlotIsUnserved() {
    try (TestCluster cluster = cluster();
        KeyBackups backups = backups(cluster)) {
      Map<String, TestServer> homes = new HashMap<>();
      for (int i = 0; i < 20; i++) {
        homes.put("key" + i, owner(cluster, "key" + i));
        homes.put("spare" + i, owner(cluster, "spare" + i));
        home(homes, "key" + i).text("SET", "key" + i, "value" + i);
        backups.backup("key" + i, "b" + i, BackupOptions.DEFAULT.copies(3));
        assertThat(backups.check("b" + i).healthy()).isTrue();
      }
      List<TestServer> primaries = List.copyOf(cluster.primaries());
      for (int[] pair : pairs()) {
        Set<TestServer> dead = Set.of(primaries.get(pair[0]), primaries.get(pair[1]));
        dead.forEach(TestServer::kill);
        String spare =
            IntStream.range(0, 20)
                .mapToObj(i -> "spare" + i)
                .filter(key -> !dead.contains(homes.get(key)))
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < 20; i += 4) {
          String key = "key" + i;
          String backupKey = "b" + i;
          if (dead.contains(homes.get(key))) {
            assertThatThrownBy(() -> backups.restore(backupKey, key))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining(home(homes, key).address());
          } else {
            backups.restore(backupKey, key);
          }
          backups.restore(backupKey, spare);
          assertThat(home(homes, spare).text("GET", spare)).isEqualTo("value" + i);
        }
        dead.forEach(TestServer::start);
        cluster.awaitOk();
        for (int i = 0; i < 20; i++) {
          home(homes, "key" + i).text("SET", "key" + i, "value" + i);
          backups.backup("key" + i, "b" + i, BackupOptions.DEFAULT.copies(3).replacing());
        }
      }
    }
  }

  @Test
  void restore_dividedOverThreePrimaries_isWholeOrNamesTheMissingPiece() {
    try (TestCluster cluster = cluster();
        KeyBackups backups = backups(cluster)) {
      String value = "0123456789".repeat(1_000);
      owner(cluster, "key").text("SET", "key", value);
      backups.backup("key", "b", BackupOptions.DEFAULT.divide(3));
      BackupHealth health = backups.check("b");
      assertThat(health.distinctServers()).isEqualTo(3);
      assertThat(health.backup().pieces()).isEqualTo(3);
      owner(cluster, "key").text("DEL", "key");
      backups.restore("b", "key");
      assertThat(owner(cluster, "key").text("GET", "key")).isEqualTo(value);

      String piece = health.parts().get(2).name();
      owner(cluster, piece).text("DEL", piece);
      owner(cluster, "key").text("SET", "key", "newer");
      assertThatThrownBy(() -> backups.restore("b", "key"))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("piece=2 of=3 key=" + piece);
      assertThat(owner(cluster, "key").text("GET", "key")).isEqualTo("newer");
      assertThat(backups.check("b").healthy()).isFalse();

      backups.backup("key", "b", BackupOptions.DEFAULT.divide(2).replacing());
      assertThat(backups.check("b").healthy()).isTrue();
      assertThat(backups.delete("b")).isTrue();
      long left = cluster.primaries().stream().mapToLong(server -> server.keys(0)).sum();
      assertThat(left).isEqualTo(1);
    }
  }

  @Test
  void repair_copyLostOrDamaged_isWrittenAgain() {
    try (TestCluster cluster = cluster();
        KeyBackups backups = backups(cluster)) {
      owner(cluster, "key").text("SET", "key", "value");
      backups.backup("key", "b", BackupOptions.DEFAULT.copies(4));
      List<BackupHealth.Part> parts = backups.check("b").parts();
      String lost = parts.get(0).name();
      String damaged = parts.get(2).name();
      owner(cluster, lost).text("DEL", lost);
      owner(cluster, damaged).text("SETRANGE", damaged, "40", "xxxx");

      BackupHealth before = backups.check("b");
      assertThat(before.parts().stream().filter(BackupHealth.Part::whole)).hasSize(2);
      assertThat(backups.repair("b").healthy()).isTrue();
      backups.restore("b", "again");
      assertThat(owner(cluster, "again").text("GET", "again")).isEqualTo("value");
    }
  }
}
