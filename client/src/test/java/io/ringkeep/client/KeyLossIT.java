package io.ringkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

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

  private static long calls(String command) {
    return cluster.servers().stream()
        .map(server -> server.info("commandstats").getOrDefault("cmdstat_" + command, "calls=0,"))
        .mapToLong(text -> Long.parseLong(text.substring("calls=".length(), text.indexOf(','))))
        .sum();
  }

  private String copyOf(String backupKey) {
    return backups.check(backupKey).parts().get(1).name();
  }

  /// Gives a key's slot to another primary than the two that a backup lies on.
  private static void moveAway(String key, String backupKey) {
    move(
        key,
        cluster.servers().stream()
            .filter(server -> server != owner(key) && server != owner(backupKey))
            .findFirst()
            .orElseThrow());
  }

  /// Gives a key's slot to another primary.
  private static void move(String key, TestServer to) {
    TestServer from = owner(key);
    String slot = Integer.toString(Slot.of(ByteBuffer.wrap(bytes(key))));
    to.text("CLUSTER", "SETSLOT", slot, "IMPORTING", TestCluster.id(from));
    from.text("CLUSTER", "SETSLOT", slot, "MIGRATING", TestCluster.id(to));
    from.text("MIGRATE", to.host(), Integer.toString(to.port()), key, "0", "5000");
    to.text("CLUSTER", "SETSLOT", slot, "NODE", TestCluster.id(to));
    from.text("CLUSTER", "SETSLOT", slot, "NODE", TestCluster.id(to));
    cluster
        .servers()
        .forEach(server ->
            server.await("the move", () -> ownerSeenBy(server, slot).equals(TestCluster.id(to))));
  }

  private static String ownerSeenBy(TestServer server, String slot) {
    for (String line : server.text("CLUSTER", "NODES").lines().toList()) {
      String[] words = line.split(" ", -1);
      for (int i = 8; i < words.length; i++) {
        String[] ends = words[i].split("-", -1);
        int number = Integer.parseInt(slot);
        if (!words[i].startsWith("[")
            && Integer.parseInt(ends[0]) <= number
            && number <= Integer.parseInt(ends[ends.length - 1])) {
          return words[0];
        }
      }
    }
    return "";
  }

  private static void expectValue(String key, String value) {
    assertThat(owner(key).text("GET", key)).isEqualTo(value);
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

  @Test
  void restore_olderCopyElsewhere_bringsBackTheNewestAndRepairKeepsIt() {
    set("key", "old");
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2));
    String old = copyOf("b");
    owner("b").text("DEL", "b");
    owner("ringkeep:backups:key").text("DEL", "ringkeep:backups:key"); // as an eviction would
    moveAway(old, "b");
    assertThat(backups.check("b").healthy()).isFalse();
    set("key", "new");
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2).replacing());
    assertThat(copyOf("b")).isNotEqualTo(old);
    assertThat(owner(old).call("EXISTS", old)).isEqualTo(1L);
    owner("b").text("DEL", "b");

    backups.restore("b", "again");
    expectValue("again", "new");
    assertThat(backups.repair("b").healthy()).isTrue();
    backups.restore("b", "again");
    expectValue("again", "new");
  }

  @Test
  void backup_replacedWhileItsKeyWasGone_deletesOlderCopies() {
    set("key", "old");
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2));
    String old = copyOf("b");
    owner("b").text("DEL", "b");
    moveAway(old, "b");
    set("key", "new");
    backups.backup("key", "b", BackupOptions.DEFAULT.replacing());

    assertThat(owner(old).call("EXISTS", old)).isEqualTo(0L);
    assertThat(keys()).isEqualTo(3); // key, backup key and list
  }

  @Test
  void list_backupsWithoutCopiesGone_asksOnceForEach() {
    set("key", "value");
    for (int i = 0; i < 5; i++) {
      backups.backup("key", "b" + i);
      owner("b" + i).text("DEL", "b" + i);
    }
    backups.backup("key", "c", BackupOptions.DEFAULT.copies(2));
    long before = calls("get");
    assertThat(backups.list("key")).hasSize(1);
    assertThat(calls("get") - before).isEqualTo(6);

    owner("c").text("DEL", "c");
    assertThat(backups.list("key")).hasSize(1);
  }

  @Test
  void list_entryOfAnOlderVersion_findsTheCopy() {
    set("key", "value");
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2));
    owner("b").text("DEL", "b");
    owner("ringkeep:backups:key").text("HSET", "ringkeep:backups:key", "b", "1700000000001");

    assertThat(backups.list("key")).hasSize(1);
  }

  @Test
  void backup_existsWithCopies_staysListedAsSuch() {
    set("key", "value");
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2));
    assertThatThrownBy(() -> backups.backup("key", "b")).isInstanceOf(TargetRefused.class);
    owner("b").text("DEL", "b");

    assertThat(backups.list("key")).hasSize(1);
  }

  @Test
  void backup_writesAreRefused_looksForNoCopies() {
    set("key", "value");
    cluster.servers().forEach(server -> server.call("ACL", "SETUSER", "default", "-set"));
    try {
      long before = calls("get");
      assertThatThrownBy(() -> backups.backup("key", "b")).isInstanceOf(AccessDenied.class);
      assertThat(calls("get") - before).isZero();
    } finally {
      cluster.servers().forEach(server -> server.call("ACL", "SETUSER", "default", "+set"));
    }
  }

  /// A server that stands still takes what it was sent once it goes on, though nobody waits.
  @Test
  void backup_pieceWrittenWithoutAnAnswer_isDeletedAgain() {
    String key = "key";
    set(key, "0123456789".repeat(1_000));
    TestServer still =
        cluster.servers().stream()
            .filter(server -> server != owner(key) && server != owner("{key}:b"))
            .findFirst()
            .orElseThrow();
    try (KeyBackups hasty =
        KeyBackups.cluster(
            List.of(owner(key).address()), CacheLogin.plain(Duration.ofMillis(300)))) {
      hasty.backup(key, "{key}:b", BackupOptions.DEFAULT.divide(3));
      assertThat(hasty.delete("{key}:b")).isTrue();
      assertThat(keys()).isEqualTo(1);

      still.pause();
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(still::resume);
      assertThatThrownBy(() -> hasty.backup(key, "{key}:b", BackupOptions.DEFAULT.divide(3)))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("does not answer in time: server=" + still.address());
    } finally {
      still.resume();
    }
    assertThat(keys()).isEqualTo(1);
  }

  @Test
  void delete_damagedBackup_leavesNothing() {
    set("key", "0123456789".repeat(1_000));
    backups.backup("key", "b", BackupOptions.DEFAULT.divide(3));
    owner("b").text("SETRANGE", "b", "8", "xxxx");
    assertThatThrownBy(() -> backups.restore("b", "key")).isInstanceOf(CorruptData.class);

    assertThat(backups.delete("b")).isTrue();

    assertThat(keys()).isEqualTo(1);
    assertThat(backups.delete("b")).isFalse();
  }

  @Test
  void list_damagedBackup_namesItUntilItIsDeleted() {
    set("key", "value");
    backups.backup("key", "whole");
    backups.backup("key", "b", BackupOptions.DEFAULT.divide(3));
    Instant created = listed("b").created();
    owner("b").text("SETRANGE", "b", "8", "xxxx");

    assertThat(backups.list("key")).hasSize(2);
    assertThat(listed("whole").fault()).isEmpty();
    assertThat(listed("b").fault()).contains("backup is damaged: key=b");
    assertThat(listed("b").created()).isEqualTo(created);

    backups.delete("b");
    assertThat(backups.list("key"))
        .extracting(backup -> new String(backup.backupKey(), StandardCharsets.UTF_8))
        .containsExactly("whole");
  }

  private KeyBackup listed(String backupKey) {
    return backups.list("key").stream()
        .filter(backup -> Arrays.equals(backup.backupKey(), bytes(backupKey)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void list_readingIsDenied_saysSo() {
    set("key", "value");
    backups.backup("key", "b");
    cluster.servers().forEach(server -> server.call("ACL", "SETUSER", "default", "-get"));
    try {
      assertThatThrownBy(() -> backups.list("key")).isInstanceOf(AccessDenied.class);
    } finally {
      cluster.servers().forEach(server -> server.call("ACL", "SETUSER", "default", "+get"));
    }
  }

  @Test
  void backup_byAClientThatWasIdleDuringAReshard_placesCopiesByWhatIsNow() throws Exception {
    set("key", "value");
    String copy;
    try (KeyBackups other = KeyBackups.connect(cluster.servers().get(0).address())) {
      other.backup("key", "b", BackupOptions.DEFAULT.copies(2));
      copy = other.check("b").parts().get(1).name();
      other.delete("b");
    }
    backups.list("key");
    long looked = System.nanoTime();
    move(copy, owner("b"));
    while (System.nanoTime() - looked <= ClusterRouting.OLD_NANOS) {
      Thread.sleep(10);
    }

    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2));
    assertThat(backups.check("b").distinctServers()).isEqualTo(2);
  }

  @Test
  void repair_fewerPrimariesThanCopies_isRefusedAndChangesNothing() {
    set("key", "value");
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(3));
    try (TestServer small = TestServer.start(Engines.redis70());
        Jedis source = owner("b").client();
        Jedis jedis = small.client();
        KeyBackups there = KeyBackups.connect(small.address())) {
      byte[] stored = source.get(bytes("b"));
      jedis.set(bytes("b"), stored);

      assertThatThrownBy(() -> there.repair("b"))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("copies=3 primaries=1");
      assertThat(jedis.get(bytes("b"))).isEqualTo(stored);
    }
  }
}
