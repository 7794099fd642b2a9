package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.rdb.RdbItem;
import io.ringkeep.redis.rdb.RdbReader;
import io.ringkeep.redis.replication.BulkRestore.Counts;
import io.ringkeep.redis.replication.BulkRestore.Options;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Pipelined `RESTORE` against real servers.
class BulkRestoreIT {
  private static final ConnectionOptions PLAIN = ConnectionOptions.DEFAULT;
  private static final RdbVersion STAMP = RdbVersion.redis(6);

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void restore_everyTypeAndDatabase_bringsTheSameData(Engine engine) throws IOException {
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine)) {
      Dataset.of(1, 2_000).withoutFunctions().writeTo(source);
      try (BulkRestore restore = open(target);
          ReplicaLink link =
              ReplicaLink.open(Rdbs.endpoint(source), PLAIN, ReplicaLink.Options.SNAPSHOT)) {
        link.fullResync(Duration.ofSeconds(60));
        RdbReader reader = new RdbReader(link.rdb());
        long records = 0;
        for (RdbItem item = reader.next(); !(item instanceof RdbItem.End); item = reader.next()) {
          if (item instanceof RdbItem.Entry(Record record)) {
            records++;
            RdbVersion stamp = DumpPayload.stampFor(record.version(), record.type());
            restore.restore(record, stamp, /* replace= */ false);
          }
        }
        restore.flush();
        assertThat(restore.failures()).isEmpty();
        assertThat(restore.counts()).isEqualTo(new Counts(records, 0, 0));
      }
      assertThat(Oracle.read(source).differences(Oracle.read(target))).isEmpty();
    }
  }

  @Test
  void restore_valueOf64MiB_arrivesWhole() {
    ByteBuffer value = ByteBuffer.allocateDirect(5 + (64 << 20));
    value.put((byte) 0x80).putInt(64 << 20);
    while (value.hasRemaining()) {
      value.put((byte) ('a' + value.position() % 26));
    }
    value.flip();
    try (TestServer target = TestServer.start(Engines.redis70());
        BulkRestore restore = open(target)) {
      restore.restore(string(0, "small", "1"), STAMP, /* replace= */ true);
      restore.restore(record(0, "large", Record.NO_EXPIRY, Heat.UNKNOWN, value), STAMP, true);
      restore.restore(string(0, "small too", "2"), STAMP, /* replace= */ true);
      restore.flush();
      assertThat(restore.counts()).isEqualTo(new Counts(3, 0, 0));
      assertThat(target.text("STRLEN", "large")).isEqualTo(Integer.toString(64 << 20));
      byte[] end = new byte[1000];
      value.get(value.capacity() - end.length, end);
      assertThat(target.text("GETRANGE", "large", "-1000", "-1"))
          .isEqualTo(new String(end, StandardCharsets.US_ASCII));
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_expiryAndHeat_areKept(Engine engine) {
    long expiry = 4_102_444_800_123L;
    try (TestServer target =
            TestServer.start(engine, "maxmemory-policy allkeys-lfu", "lfu-decay-time 0");
        BulkRestore restore = open(target)) {
      ByteBuffer one = encoded("1");
      restore.restore(record(0, "mortal", expiry, new Heat.Frequency(77), one), STAMP, true);
      restore.restore(record(0, "past", 1, Heat.UNKNOWN, one), STAMP, true);
      restore.flush();
      // A key that has expired is taken and not stored.
      assertThat(restore.counts()).isEqualTo(new Counts(2, 0, 0));
      assertThat(target.keys(0)).isEqualTo(1);
      assertThat(Long.parseLong(target.text("PTTL", "mortal")) + System.currentTimeMillis())
          .isBetween(expiry - 1000, expiry + 1000);
      assertThat(target.text("OBJECT", "FREQ", "mortal")).isEqualTo("77");
      target.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
      restore.restore(record(0, "idle", expiry, new Heat.Idle(5000), one), STAMP, true);
      restore.flush();
      assertThat(Long.parseLong(target.text("OBJECT", "IDLETIME", "idle"))).isBetween(4990L, 5010L);
    }
  }

  @Test
  void restore_keyIsThere_staysOrIsReplacedAndIsCounted() {
    try (TestServer target = TestServer.start(Engines.redis62());
        BulkRestore restore = open(target)) {
      target.call("SET", "k", "old");
      restore.restore(string(0, "k", "new"), STAMP, /* replace= */ false);
      restore.restore(string(0, "l", "new"), STAMP, /* replace= */ false);
      restore.flush();
      assertThat(restore.counts()).isEqualTo(new Counts(1, 1, 0));
      assertThat(target.text("GET", "k")).isEqualTo("old");
      restore.restore(string(0, "k", "new"), STAMP, /* replace= */ true);
      restore.flush();
      assertThat(restore.counts()).isEqualTo(new Counts(2, 1, 0));
      assertThat(target.text("GET", "k")).isEqualTo("new");
      assertThat(restore.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_someAreRefused_namesThemAndGoesOn(Engine engine) {
    try (TestServer target = TestServer.start(engine);
        BulkRestore restore =
            BulkRestore.open(Rdbs.endpoint(target), PLAIN, new Options(4, 1000, 0, 2))) {
      for (int i = 0; i < 1000; i++) {
        // 200 as an RDB type and 9999 as a version are known to nobody.
        restore.restore(
            new Record(
                i % 2,
                ByteBuffer.wrap(("k\n" + i).getBytes(StandardCharsets.US_ASCII)),
                Record.NO_EXPIRY,
                Heat.UNKNOWN,
                i % 100 == 50 ? 200 : 0,
                STAMP,
                encoded("v")),
            i % 100 == 51 ? RdbVersion.redis(9999) : STAMP,
            /* replace= */ false);
      }
      restore.flush();
      assertThat(restore.counts()).isEqualTo(new Counts(980, 0, 20));
      assertThat(restore.failures()).hasSize(2);
      assertThat(restore.failures().getFirst().toString())
          .isEqualTo("database=0 key=k\\x0a50 reply=ERR Bad data format");
      assertThat(restore.failures().getLast().toString())
          .startsWith("database=1 key=k\\x0a51 reply=ERR DUMP payload version");
      assertThat(target.keys(0) + target.keys(1)).isEqualTo(980);
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_noMemoryLeft_isTargetRefused(Engine engine) {
    try (TestServer target =
            TestServer.start(engine, "maxmemory 8mb", "maxmemory-policy noeviction");
        BulkRestore restore = open(target)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  restore.restore(string(0, "k" + i, "x".repeat(1000)), STAMP, /* replace= */ true);
                }
                restore.flush();
              })
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("no memory");
      assertThatThrownBy(restore::flush).isInstanceOf(TargetRefused.class);
    }
  }

  @Test
  void restore_databaseMissing_isTargetRefused() {
    try (TestServer target = TestServer.start(Engines.redis70(), "databases 1");
        BulkRestore restore = open(target)) {
      restore.restore(string(3, "k", "v"), STAMP, /* replace= */ true);
      assertThatThrownBy(restore::flush)
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("no such database")
          .hasMessageContaining("database=3");
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_slotServedElsewhere_isNamed(Engine engine) {
    try (TestServer target = TestServer.builder(engine).cluster().start();
        BulkRestore restore = open(target)) {
      target.call("CLUSTER", "ADDSLOTS", "1");
      target.call("CONFIG", "SET", "cluster-require-full-coverage", "no");
      // Nobody serves the slot of this key: the whole cluster is down for it.
      restore.restore(string(0, "foo", "v"), STAMP, /* replace= */ true);
      assertThatThrownBy(restore::flush)
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("cluster is down");
    }
    try (TestCluster cluster = TestCluster.start(engine, 3)) {
      TestServer owner = cluster.owner(12182); // of foo
      TestServer other =
          cluster.primaries().stream().filter(each -> each != owner).findFirst().orElseThrow();
      try (BulkRestore restore = open(other)) {
        restore.restore(string(0, "foo", "v"), STAMP, /* replace= */ true);
        restore.flush();
        assertThat(restore.elsewhere().stream()).containsExactly(12182);
        assertThat(restore.counts()).isEqualTo(new Counts(0, 0, 0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_valueBeyondTheTargetsLimit_isTargetRefused(Engine engine) {
    try (TestServer target = TestServer.start(engine, "proto-max-bulk-len 1mb")) {
      for (int mebibytes : new int[] {2, 64}) {
        try (BulkRestore restore = open(target)) {
          restore.restore(string(0, "small", "v"), STAMP, /* replace= */ true);
          assertThatThrownBy(
                  () -> {
                    String value = "x".repeat(mebibytes << 20);
                    restore.restore(string(0, "large", value), STAMP, /* replace= */ true);
                    restore.flush();
                  })
              .as("%d MiB", mebibytes)
              .isInstanceOfSatisfying(
                  TargetRefused.class,
                  refused ->
                      assertThat(refused.hint().orElseThrow()).contains("proto-max-bulk-len"));
        }
      }
    }
  }

  @Test
  void restore_toAReplica_isTargetRefused() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(primary).start();
        BulkRestore restore = open(replica)) {
      restore.restore(string(0, "k", "v"), STAMP, /* replace= */ true);
      assertThatThrownBy(restore::flush)
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("is a replica");
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_userLacksTheRight_isAccessDeniedWithTheLine(Engine engine) {
    try (TestServer target = TestServer.start(engine)) {
      target.call("ACL", "SETUSER", "loader", "on", ">secret", "+ping", "~*");
      ConnectionOptions options =
          PLAIN.withUser(Optional.of("loader")).withPassword(Optional.of(Secret.of("secret")));
      for (int database : new int[] {0, 1}) {
        try (BulkRestore restore =
            BulkRestore.open(Rdbs.endpoint(target), options, Options.DEFAULT)) {
          restore.restore(string(database, "k", "v"), STAMP, /* replace= */ true);
          assertThatThrownBy(restore::flush)
              .isInstanceOfSatisfying(
                  AccessDenied.class,
                  denied ->
                      assertThat(denied.hint().orElseThrow())
                          .endsWith("ACL SETUSER loader ~* +select +restore"));
        }
      }
      target.call("ACL", "SETUSER", "loader", "+restore", "+select", "~*");
      try (BulkRestore restore =
          BulkRestore.open(Rdbs.endpoint(target), options, Options.DEFAULT)) {
        restore.restore(string(1, "k", "v"), STAMP, /* replace= */ true);
        restore.flush();
      }
      assertThat(target.keys(1)).isEqualTo(1);
      ConnectionOptions wrong = options.withPassword(Optional.of(Secret.of("wr0ng")));
      assertThatThrownBy(() -> BulkRestore.open(Rdbs.endpoint(target), wrong, Options.DEFAULT))
          .isInstanceOf(AccessDenied.class)
          .hasMessageNotContaining("wr0ng");
    }
  }

  @Test
  void restore_targetKilled_isUnavailable() {
    try (TestServer target = TestServer.start(Engines.redis70());
        BulkRestore restore = open(target)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1_000_000; i++) {
                  restore.restore(string(0, "k" + i, "v".repeat(1000)), STAMP, /* replace= */ true);
                  if (i == 20_000) {
                    target.kill();
                  }
                }
                restore.flush();
              })
          .isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void restore_targetHangs_isUnavailableAfterTheTimeout() {
    ConnectionOptions impatient = PLAIN.withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2));
    try (TestServer target = TestServer.start(Engines.redis70());
        BulkRestore restore = BulkRestore.open(Rdbs.endpoint(target), impatient, Options.DEFAULT)) {
      restore.restore(string(0, "k", "v"), STAMP, /* replace= */ true);
      restore.flush();
      target.pause();
      try {
        restore.restore(string(0, "l", "v"), STAMP, /* replace= */ true);
        long start = System.nanoTime();
        assertThatThrownBy(restore::flush)
            .isInstanceOf(Unavailable.class)
            .hasMessageContaining("does not answer in time");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
      } finally {
        target.resume();
      }
    }
  }

  private static BulkRestore open(TestServer target) {
    return BulkRestore.open(Rdbs.endpoint(target), PLAIN, Options.DEFAULT);
  }

  private static Record string(int database, String key, String value) {
    return new Record(
        database,
        ByteBuffer.wrap(key.getBytes(StandardCharsets.US_ASCII)),
        Record.NO_EXPIRY,
        Heat.UNKNOWN,
        /* type= */ 0,
        STAMP,
        encoded(value));
  }

  private static Record record(
      int database, String key, long expiryMillis, Heat heat, ByteBuffer value) {
    return new Record(
        database,
        ByteBuffer.wrap(key.getBytes(StandardCharsets.US_ASCII)),
        expiryMillis,
        heat,
        /* type= */ 0,
        STAMP,
        value);
  }

  /// A string as an RDB has it: a length of four bytes, and its bytes.
  private static ByteBuffer encoded(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(5 + bytes.length)
        .put((byte) 0x80)
        .putInt(bytes.length)
        .put(bytes)
        .flip();
  }
}
