package io.ringkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.ServerRing;
import io.ringkeep.model.ServerRing.Client;
import io.ringkeep.model.ServerRing.Member;
import io.ringkeep.model.Slot;
import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engine.Product;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestSentinels;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

class KeyBackupsIT {
  private static final Pattern EXPIRIES =
      Pattern.compile(": expiry expected=(\\d+) actual=(\\d+)$");

  private static final long SEED = 42;

  private static KeyBackups backups(TestServer server) {
    return KeyBackups.connect(server.address());
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void restore_everyKeyOfADataset_isTheSameAgain(Engine engine) {
    try (TestServer server = TestServer.start(engine);
        KeyBackups backups = backups(server);
        Jedis jedis = server.client()) {
      Dataset.of(SEED, 300).withDatabases(0).withoutFunctions().writeTo(server);
      Contents before = Oracle.read(server);
      List<KeyPair> pairs = new ArrayList<>();
      for (byte[] key : jedis.keys("*".getBytes(StandardCharsets.US_ASCII))) {
        pairs.add(new KeyPair(key, concat("saved:", key)));
      }

      assertThat(backups.backupAll(pairs, BackupOptions.DEFAULT))
          .allMatch(outcome -> outcome.failure().isEmpty());
      pairs.forEach(pair -> jedis.del(pair.key()));
      assertThat(backups.restoreAll(pairs, RestoreOptions.DEFAULT))
          .allMatch(outcome -> outcome.failure().isEmpty());

      jedis.keys("saved:*").forEach(jedis::del);
      for (byte[] catalog : jedis.keys("ringkeep:backups:*".getBytes(StandardCharsets.US_ASCII))) {
        jedis.del(catalog);
      }
      for (KeyPair pair : pairs) {
        jedis.del(pair.backupKey());
      }
      assertThat(before.differences(Oracle.read(server)))
          .allMatch(line -> !engine.hasFunctions() && isATick(line));
    }
  }

  /// Before 7.0 servers tell how long keys live, and then what time it is: the sum is off by what
  /// lies between.
  private static boolean isATick(String difference) {
    Matcher expiries = EXPIRIES.matcher(difference);
    return expiries.find()
        && Math.abs(Long.parseLong(expiries.group(1)) - Long.parseLong(expiries.group(2))) <= 50;
  }

  private static byte[] concat(String prefix, byte[] key) {
    byte[] start = prefix.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(start, start.length + key.length);
    System.arraycopy(key, 0, all, start.length, key.length);
    return all;
  }

  static Stream<Engine> strangersToFieldsThatExpire() {
    return Engines.all().filter(engine -> !writesFieldsThatExpire(engine));
  }

  private static boolean writesFieldsThatExpire(Engine engine) {
    return engine.product() == Product.REDIS && engine.hasFieldExpiry();
  }

  /// A hash of Redis 8 whose fields expire, on a server that has no such type, or another one.
  @ParameterizedTest
  @MethodSource("strangersToFieldsThatExpire")
  void restore_whatTheServerCantRead_namesTheReasonAndKeepsTheKey(Engine engine) {
    assumeTrue(writesFieldsThatExpire(Engines.newest()));
    try (TestServer writer = TestServer.start(Engines.newest());
        TestServer server = TestServer.start(engine);
        Jedis there = writer.client();
        Jedis here = server.client();
        KeyBackups theirs = backups(writer);
        KeyBackups backups = backups(server)) {
      byte[] name = "b".getBytes(StandardCharsets.US_ASCII);
      writer.text("HSET", "key", "field", "value");
      writer.call("HPEXPIREAT", "key", "4000000000000", "FIELDS", "1", "field");
      theirs.backup("key", "b");
      here.set(name, there.get(name));
      server.text("SET", "key", "kept");

      assertThatThrownBy(() -> backups.restore("b", "key")).isInstanceOf(UnsupportedFormat.class);
      assertThat(server.text("GET", "key")).isEqualTo("kept");
    }
  }

  @Test
  void restore_textbookExample_bringsBackTypeValueAndExpiry() {
    try (TestServer server = TestServer.start(Engines.newest());
        KeyBackups backups = backups(server);
        Jedis jedis = server.client()) {
      jedis.hset("key", "field", "value");
      jedis.pexpireAt("key", 4_000_000_000_000L);

      backups.backup("key", "backup_key");
      jedis.set("key", "something else");
      backups.restore("backup_key", "key");

      assertThat(jedis.hgetAll("key")).containsExactly(Map.entry("field", "value"));
      assertThat(jedis.pexpireTime("key")).isEqualTo(4_000_000_000_000L);
    }
  }

  @Test
  void backup_badInput_saysWhatIsWrongAndChangesNothing() {
    try (TestServer server = TestServer.start(Engines.redis70());
        KeyBackups backups = backups(server);
        Jedis jedis = server.client()) {
      jedis.set("key", "value");
      jedis.rpush("list", "a");

      assertThatThrownBy(() -> backups.backup("none", "b"))
          .isInstanceOf(NotFound.class)
          .hasMessageContaining("no such key: key=none");
      assertThatThrownBy(() -> backups.backup("key", "key"))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("a key can't be its own backup");
      backups.backup("key", "b");
      assertThatThrownBy(() -> backups.backup("list", "b"))
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("backup exists: backup_key=b");
      assertThatThrownBy(() -> backups.backup("key", "list"))
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("key exists and is no backup: backup_key=list");
      jedis.set("text", "no backup");
      assertThatThrownBy(() -> backups.backup("key", "text"))
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("key exists and is no backup: backup_key=text");
      assertThat(jedis.hkeys("ringkeep:backups:key")).containsExactly("b");
      assertThatThrownBy(() -> backups.backup("key", "list", BackupOptions.DEFAULT.replacing()))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("no backup of a key");
      assertThatThrownBy(() -> backups.backup("list", "key", BackupOptions.DEFAULT.replacing()))
          .isInstanceOf(InvalidRequest.class);
      assertThatThrownBy(() -> backups.backup("key", "c", BackupOptions.DEFAULT.copies(2)))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("parts=2 primaries=1");
      assertThatThrownBy(() -> BackupOptions.DEFAULT.copies(2).divide(2))
          .isInstanceOf(InvalidRequest.class);
      assertThat(jedis.lrange("list", 0, -1)).containsExactly("a");
      assertThat(jedis.get("key")).isEqualTo("value");
    }
  }

  @Test
  void restore_badInput_saysWhatIsWrongAndChangesNothing() {
    try (TestServer server = TestServer.start(Engines.redis70());
        KeyBackups backups = backups(server);
        Jedis jedis = server.client()) {
      jedis.set("key", "value");
      backups.backup("key", "b");
      jedis.set("key", "newer");

      assertThatThrownBy(() -> backups.restore("none", "key"))
          .isInstanceOf(NotFound.class)
          .hasMessageContaining("backup_key=none");
      assertThatThrownBy(() -> backups.restore("b", "key", RestoreOptions.DEFAULT.ifAbsent()))
          .isInstanceOf(TargetRefused.class);
      jedis.set("other", "no backup");
      assertThatThrownBy(() -> backups.restore("other", "key")).isInstanceOf(InvalidRequest.class);
      byte[] stored = jedis.get("b".getBytes(StandardCharsets.US_ASCII));
      for (int at = 5; at < stored.length; at += 7) {
        byte[] damaged = stored.clone();
        damaged[at] ^= 1;
        jedis.set("b".getBytes(StandardCharsets.US_ASCII), damaged);
        assertThatThrownBy(() -> backups.restore("b", "key"))
            .as("byte %d", at)
            .isInstanceOf(CorruptData.class);
      }
      jedis.set("b".getBytes(StandardCharsets.US_ASCII), Arrays.copyOf(stored, stored.length - 1));
      assertThatThrownBy(() -> backups.restore("b", "key")).isInstanceOf(CorruptData.class);
      assertThat(jedis.get("key")).isEqualTo("newer");
    }
  }

  @Test
  void restore_expiries_areKeptShiftedOrDropped() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis62());
        KeyBackups backups = backups(server);
        Jedis jedis = server.client()) {
      jedis.set("key", "value");
      jedis.pexpire("key", 5_000);
      backups.backup("key", "b");
      server.await("its end", () -> !jedis.exists("key"));

      assertThatThrownBy(() -> backups.restore("b", "key"))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("the key's time is over");
      backups.restore("b", "key", RestoreOptions.DEFAULT.ttl(Duration.ofHours(1)));
      assertThat(jedis.pttl("key")).isBetween(3_500_000L, 3_600_000L);
      backups.restore("b", "key", RestoreOptions.DEFAULT.persist());
      assertThat(jedis.pttl("key")).isEqualTo(-1);

      backups.backup("key", "c", BackupOptions.DEFAULT.ttl(Duration.ofMinutes(10)));
      assertThat(jedis.pttl("c")).isBetween(500_000L, 600_000L);
    }
  }

  @Test
  void list_backupsOfAKey_areFoundWithoutScanningAndForgottenWithThem() {
    try (TestServer server = TestServer.start(Engines.redis70());
        KeyBackups backups = backups(server);
        Jedis jedis = server.client()) {
      jedis.set("key", "value");
      backups.backup("key", "b1");
      backups.backup("key", "b2");
      backups.backup("key", "b3");
      long scans = calls(server, "scan") + calls(server, "keys");
      jedis.del("b2"); // as an eviction would

      assertThat(backups.list("key"))
          .extracting(backup -> new String(backup.backupKey(), StandardCharsets.UTF_8))
          .containsExactlyInAnyOrder("b1", "b3");
      assertThat(jedis.hlen("ringkeep:backups:key")).isEqualTo(2);
      assertThat(backups.delete("b1")).isTrue();
      assertThat(backups.delete("b1")).isFalse();
      assertThat(backups.delete("b3")).isTrue();
      assertThat(jedis.keys("*")).containsExactly("key");
      assertThat(calls(server, "scan")).isEqualTo(scans);
    }
  }

  private static long calls(TestServer server, String command) {
    String statistics = server.info("commandstats").getOrDefault("cmdstat_" + command, "calls=0,");
    return Long.parseLong(statistics.substring("calls=".length(), statistics.indexOf(',')));
  }

  @Test
  void backup_serverThatTakesNoWrites_isNamed() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(primary).start();
        Jedis jedis = primary.client();
        KeyBackups ofReplica = backups(replica);
        KeyBackups ofPrimary = backups(primary)) {
      replica.awaitLinkUp();
      jedis.set("key", "x".repeat(1_000));
      primary.awaitReplicas(1);
      assertThatThrownBy(() -> ofReplica.backup("key", "b"))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining(
              "server is a replica and takes no writes: server=" + replica.address());
      jedis.configSet("maxmemory", "1");
      assertThatThrownBy(() -> ofPrimary.backup("key", "b"))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("maxmemory");
    }
  }

  @Test
  void restore_primaryThatSentinelsReplaced_isFollowed() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(primary).start()) {
      replica.awaitLinkUp();
      try (TestSentinels sentinels = TestSentinels.watch("orders", primary, 1);
          KeyBackups backups =
              KeyBackups.sentinel(
                  "orders",
                  sentinels.sentinels().stream().map(TestServer::address).toList(),
                  CacheLogin.DEFAULT,
                  CacheLogin.DEFAULT)) {
        primary.text("SET", "key", "value");
        backups.backup("key", "b");
        primary.awaitReplicas(1);
        primary.kill();
        sentinels.awaitPrimary(replica);

        backups.restore("b", "again");

        assertThat(replica.text("GET", "again")).isEqualTo("value");
      }
    }
  }

  private static ByteBuffer utf8(String key) {
    return ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void backup_ringOfStandaloneServers_liesWhereItsClientsPutIt() {
    try (TestServer a = TestServer.start(Engines.redis70());
        TestServer b = TestServer.start(Engines.redis70());
        TestServer c = TestServer.start(Engines.redis70())) {
      List<TestServer> servers = List.of(a, b, c);
      ServerRing members =
          ServerRing.of(
              Client.TWEMPROXY,
              servers.stream().map(server -> Member.of("127.0.0.1", server.port())).toList());
      try (KeyBackups backups = KeyBackups.ketama(members, CacheLogin.DEFAULT)) {
        KeyRing ring = new KeyRing(members);
        List<KeyPair> pairs = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          servers.get(ring.owner(utf8("key" + i))).text("SET", "key" + i, "value" + i);
          pairs.add(KeyPair.of("key" + i, "b" + i));
        }
        assertThat(backups.backupAll(pairs, BackupOptions.DEFAULT.copies(2)))
            .allMatch(outcome -> outcome.failure().isEmpty());
        for (int i = 0; i < 50; i++) {
          assertThat(servers.get(ring.owner(utf8("b" + i))).call("EXISTS", "b" + i)).isEqualTo(1L);
        }
        servers.forEach(server -> server.text("DEL", "key0"));
        a.kill();
        List<KeyOutcome> outcomes = backups.restoreAll(pairs, RestoreOptions.DEFAULT);
        for (int i = 0; i < 50; i++) {
          Optional<BackupException> failure = outcomes.get(i).failure();
          boolean gone = ring.owner(utf8("key" + i)) == 0;
          assertThat(failure.isPresent()).as("key%d: %s", i, failure).isEqualTo(gone);
        }
      }
    }
  }

  private static void everyCall(KeyBackups backups) {
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2));
    backups.backup("key", "b", BackupOptions.DEFAULT.copies(2).replacing());
    backups.backup("key", "d", BackupOptions.DEFAULT.divide(2).ttl(Duration.ofHours(1)));
    assertThat(backups.list("key")).hasSize(2);
    assertThat(backups.check("d").healthy()).isTrue();
    assertThat(backups.repair("b").healthy()).isTrue();
    backups.restore("b", "again");
    assertThat(backups.delete("b")).isTrue();
    backups.backup("key", "b", BackupOptions.DEFAULT.replacing());
  }

  @Test
  void backup_userMayDoWhatTheHintSays_doesEverything() {
    try (TestCluster cluster = TestCluster.start(Engines.redis70(), 2)) {
      TestServer first = cluster.servers().get(0);
      cluster
          .servers()
          .forEach(server ->
              server.text("ACL", "SETUSER", "app", "on", "nopass", "~*", "+cluster|slots"));
      CacheLogin login = CacheLogin.DEFAULT.as("app", "any");
      try (KeyBackups backups = KeyBackups.cluster(List.of(first.address()), login)) {
        assertThatThrownBy(() -> backups.backup("key", "b"))
            .isInstanceOfSatisfying(
                AccessDenied.class, denied -> allow(cluster, denied.hint().orElseThrow()));
      }
      cluster.owner(Slot.of(utf8("key"))).text("SET", "key", "value");
      try (KeyBackups backups = KeyBackups.connect(List.of(first.address()), login)) {
        everyCall(backups);
      }
    }
  }

  /// Takes the names of commands out of a sentence and allows these.
  private static void allow(TestCluster cluster, String sentence) {
    Matcher names = Pattern.compile("[A-Z]{3,}( [A-Z]+)*").matcher(sentence);
    while (names.find()) {
      String command = "+" + names.group().toLowerCase(Locale.ROOT).replace(' ', '|');
      cluster.servers().forEach(server -> server.text("ACL", "SETUSER", "app", command));
    }
  }
}
