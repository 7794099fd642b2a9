package io.ringkeep.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// The oracle finds equal what a server itself carries over, and different what anyone changed.
class OracleIT {
  private static final long SEED = 42;

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void read_afterReloadAndOnReplica_sameContents(Engine engine) {
    try (TestServer server = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(server).start()) {
      Dataset.of(SEED, 2_000).withVectorSets().writeTo(server);
      Contents written = Oracle.read(server);
      assertThat(written.keys()).isGreaterThan(2_000);
      assertThat(written.keysByDatabase().keySet()).containsExactly(0, 3, 15);
      assertThat(written.keysByType().keySet())
          .contains("string", "list", "set", "zset", "hash", "stream");
      assertThat(written.functions()).hasSize(engine.hasFunctions() ? 2 : 0);

      server.awaitReplicas(1);
      assertThat(written.differences(Oracle.read(replica))).isEmpty();
      server.call("DEBUG", "RELOAD");
      Contents reloaded = Oracle.read(server);
      assertThat(written.differences(reloaded)).isEmpty();
      assertThat(reloaded.sum()).isEqualTo(written.sum());
      assertThat(reloaded).hasToString(written.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void writeTo_bordersAlone_everyEncodingAppears(Engine engine) {
    Set<String> encodings = new TreeSet<>();
    try (TestServer server = TestServer.start(engine);
        Jedis jedis = server.client()) {
      Dataset.of(SEED, 0).writeTo(server);
      for (byte[] key : jedis.keys(Raw.bytes("*"))) {
        encodings.add(Raw.text(Raw.call(jedis, Raw.bytes("OBJECT"), Raw.bytes("ENCODING"), key)));
      }
    }
    assertThat(encodings)
        .contains("int", "embstr", "raw", "quicklist", "intset", "hashtable", "skiplist", "stream")
        .contains(engine.hasFunctions() ? "listpack" : "ziplist");
    if (engine.isAtLeast(Engine.Product.REDIS, 7, 4)) {
      assertThat(encodings).contains("listpackex");
    }
  }

  @Test
  void readPortable_newerReplica_sameContents() {
    try (TestServer older = TestServer.start(Engines.redis62())) {
      Dataset.of(SEED, 1_000).writeTo(older);
      try (TestServer newer = TestServer.builder(Engines.newest()).replicaOf(older).start()) {
        older.awaitReplicas(1);
        Contents expected = Oracle.readPortable(List.of(older));
        assertThat(expected.differences(Oracle.readPortable(List.of(newer)))).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void writeTo_sameSeedOnAnotherServer_sameContents(Engine engine) {
    try (TestServer one = TestServer.start(engine);
        TestServer other = TestServer.start(engine)) {
      Dataset.of(SEED, 500).writeTo(one);
      Dataset.of(SEED, 500).writeTo(other);
      assertThat(Oracle.read(one).differences(Oracle.read(other))).isEmpty();
      assertThat(one.text("DEBUG", "DIGEST")).isEqualTo(other.text("DEBUG", "DIGEST"));

      other.call("FLUSHALL");
      Dataset.of(SEED + 1, 500).writeTo(other);
      assertThat(Oracle.read(one).sum()).isNotEqualTo(Oracle.read(other).sum());
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void read_clusterAndStandaloneOfTheSameSeed_sameSum(Engine engine) {
    Dataset dataset = Dataset.of(SEED, 1_000).withDatabases(0);
    try (TestCluster cluster = TestCluster.start(engine, 3);
        TestServer single = TestServer.start(engine)) {
      dataset.writeTo(cluster);
      dataset.writeTo(single);
      Contents spread = Oracle.read(cluster);
      Contents together = Oracle.read(single);
      assertThat(together.differences(spread)).isEmpty();
      assertThat(spread.sum()).isEqualTo(together.sum());
      for (TestServer primary : cluster.primaries()) {
        assertThat(primary.keys(0)).isPositive();
      }
    }
  }

  /// A change and what the report has to name.
  private record Change(String named, List<String> command) {
    static Change of(String named, String... command) {
      return new Change(named, List.of(command));
    }
  }

  private static List<Change> changes(Engine engine) {
    String fields = "border:hash:expiring:some:table";
    List<Change> changes = new ArrayList<>();
    changes.add(Change.of("border:string:large", "APPEND", "border:string:large", "x"));
    changes.add(Change.of("key=new is too many", "SET", "new", "v"));
    changes.add(Change.of("key=new is missing", "DEL", "new"));
    changes.add(Change.of("border:list:one", "LPUSH", "border:list:one", "x"));
    changes.add(Change.of("border:set:mixed", "SREM", "border:set:mixed", "three"));
    changes.add(
        Change.of("border:zset:count:1", "ZINCRBY", "border:zset:count:1", "1e-9", "member 0"));
    changes.add(Change.of("border:hash:count:1", "HSET", "border:hash:count:1", "field 0", ""));
    changes.add(Change.of("expiry", "PEXPIREAT", "border:string:expiring", "4102444800124"));
    changes.add(Change.of("border:string:expiring", "PERSIST", "border:string:expiring"));
    changes.add(Change.of("key=border:bitmap", "SETBIT", "border:bitmap", "9", "1"));
    String stream = "border:stream:groups";
    changes.add(Change.of(stream, "XACK", stream, "half-way", "1600000000065-2"));
    changes.add(Change.of(stream, "XGROUP", "SETID", stream, "at-start", "1600000000065-2"));
    changes.add(
        Change.of("border:stream:holes", "XSETID", "border:stream:holes", "1900000000000-1"));
    if (engine.hasFieldExpiry()) {
      changes.add(
          Change.of(fields, "HPEXPIREAT", fields, "4102444800001", "FIELDS", "1", "field 7"));
      changes.add(Change.of(fields, "HPERSIST", fields, "FIELDS", "1", "field 7"));
    }
    if (engine.hasFunctions()) {
      changes.add(Change.of("ringkeep_echo", "FUNCTION", "DELETE", "ringkeep_echo"));
    }
    changes.add(Change.of("db=0 key= is missing", "MOVE", "", "3"));
    return changes;
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void differences_anyChange_namesTheKey(Engine engine) {
    try (TestServer server = TestServer.start(engine)) {
      Dataset.of(SEED, 0).writeTo(server);
      Contents before = Oracle.read(server);
      for (Change change : changes(engine)) {
        server.call(change.command().toArray(String[]::new));
        Contents after = Oracle.read(server);
        assertThat(before.differences(after))
            .as("after %s", change.command())
            .anyMatch(line -> line.contains(change.named()))
            .hasSizeLessThanOrEqualTo(2);
        before = after;
      }
    }
  }

  @Test
  void writeTo_someExpiringSoon_expireThenAndNoOthers() {
    Dataset dataset = Dataset.of(SEED, 1_000).withoutFunctions();
    try (TestServer server = TestServer.start(Engines.redis70())) {
      Instant now = Instant.ofEpochSecond(Raw.number(Raw.list(server.call("TIME")).getFirst()));
      dataset.withSomeExpiringAt(now.plus(Duration.ofDays(1))).writeTo(server);
      Contents all = Oracle.read(server);
      server.call("FLUSHALL");
      dataset.withSomeExpiringAt(now.plusSeconds(2)).writeTo(server);
      Waiting.until(
          () -> Oracle.read(server).keys() < all.keys(), Duration.ofMinutes(1), () -> "expiry");
      assertThat(all.functions()).isEmpty();
      assertThat(Oracle.read(server).keys()).isGreaterThan(all.keys() / 2);
    }
  }
}
