package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.HashKey;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.exceptions.JedisDataException;

/// What real servers do to a dataset without changing it leaves every fingerprint as it was:
/// restarts, other limits, compression or none, a newer engine. What changes a key changes that
/// key's.
class FingerprintIT {
  private static final HashKey KEY = new HashKey(1, 2);
  private static final int KEYS = 400;

  private static final Map<String, String> TINY =
      Map.of(
          "list-max-ziplist-size", "2",
          "hash-max-ziplist-entries", "0",
          "zset-max-ziplist-entries", "0",
          "set-max-intset-entries", "0",
          "set-max-listpack-entries", "0",
          "rdbcompression", "no");

  private static final Map<String, String> LARGE =
      Map.of(
          "list-max-ziplist-size", "-5",
          "hash-max-ziplist-entries", "5000",
          "hash-max-ziplist-value", "100000",
          "zset-max-ziplist-entries", "5000",
          "zset-max-ziplist-value", "100000",
          "set-max-intset-entries", "5000",
          "set-max-listpack-entries", "5000",
          "rdbcompression", "yes");

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void fingerprint_restartUnderOtherLimits_staysTheSame(Engine engine) throws IOException {
    try (TestServer server = TestServer.start(engine)) {
      Dataset.of(Seeds.random("limits " + engine).nextLong(), KEYS).writeTo(server);
      Map<String, String> before = fingerprints(server);
      assertThat(before).hasSizeGreaterThan(KEYS);
      restartWith(server, TINY);
      assertThat(fingerprints(server)).isEqualTo(before);
      Map<String, Integer> tinyTypes = types(server);
      restartWith(server, LARGE);
      assertThat(fingerprints(server)).isEqualTo(before);
      // It would prove little if the encodings had stayed as they were.
      long changed =
          types(server).entrySet().stream()
              .filter(e -> !e.getValue().equals(tinyTypes.get(e.getKey())))
              .count();
      assertThat(changed).isGreaterThan(KEYS / 4);
    }
  }

  /// Around the length that Valkey 9.1 writes otherwise than all others.
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void fingerprint_ofAListWhoseLengthsAreStoredDifferently_isThatOfRedis70(Engine engine)
      throws IOException {
    List<String> push = new ArrayList<>(List.of("RPUSH", "edges"));
    for (int length = 16_370; length <= 16_386; length++) {
      push.add("x".repeat(length));
    }
    try (TestServer server = TestServer.start(engine);
        TestServer reference = TestServer.start(Engines.redis70())) {
      for (TestServer each : List.of(server, reference)) {
        each.call("CONFIG", "SET", "list-max-ziplist-size", "-5");
        each.call(push.toArray(String[]::new));
      }
      assertThat(fingerprints(server)).hasSize(1).isEqualTo(fingerprints(reference));
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void fingerprint_everyNewerEngine_givesTheSame(Engine engine) throws IOException {
    try (TestServer server = TestServer.start(engine)) {
      Dataset.of(Seeds.random("engines " + engine).nextLong(), KEYS).writeTo(server);
      Map<String, String> before = fingerprints(server);
      RdbVersion version = version(server);
      List<Engine> loaded = new ArrayList<>();
      for (Engine other : Engines.list()) {
        if (other.equals(engine)) {
          continue;
        }
        try (TestServer newer = TestServer.start(other)) {
          if (EngineVersion.parse(newer.info("server")).accepts(version)) {
            newer.stop();
            Files.copy(
                server.directory().resolve("dump.rdb"),
                newer.directory().resolve("dump.rdb"),
                StandardCopyOption.REPLACE_EXISTING);
            newer.start();
            assertThat(fingerprints(newer)).as("%s read by %s", engine, other).isEqualTo(before);
            loaded.add(other);
          }
        }
      }
      System.out.println(engine + " -> " + loaded);
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void fingerprint_dumpOfAKey_isThatOfTheKeyInTheFile(Engine engine) throws IOException {
    try (TestServer server = TestServer.start(engine)) {
      Dataset.of(Seeds.random("dump " + engine).nextLong(), KEYS).writeTo(server);
      Map<String, String> file = fingerprints(server);
      RdbVersion version = version(server);
      RecordFingerprinter fingerprinter = new RecordFingerprinter(KEY);
      for (Record record : records(server)) {
        server.call("SELECT", Integer.toString(record.database()));
        ByteBuffer payload =
            ByteBuffer.wrap(
                (byte[])
                    Objects.requireNonNull(
                        server.call(RdbBytes.ascii("DUMP"), RdbItems.bytes(record.key()))));
        int valueBytes = payload.limit() - DumpPayload.HEAD_BYTES - DumpPayload.TRAILER_BYTES;
        Record dumped =
            new Record(
                record.database(),
                record.key(),
                record.expiryMillis(),
                Heat.UNKNOWN,
                payload.get(0) & 0xff,
                version,
                payload.slice(DumpPayload.HEAD_BYTES, valueBytes));
        assertThat(fingerprinter.fingerprint(dumped).toString()).isEqualTo(file.get(name(record)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void fingerprint_oneKeyChanged_changesThatKeysAlone(Engine engine) throws IOException {
    try (TestServer server = TestServer.start(engine)) {
      server.call("SET", "string", "value");
      server.call("RPUSH", "list", "a", "b", "c");
      server.call("SADD", "set", "a", "b", "3");
      server.call("SADD", "integers", "1", "2", "3");
      server.call("ZADD", "zset", "1", "a", "2.5", "b");
      server.call("HSET", "hash", "f", "v", "g", "w");
      server.call("XADD", "stream", "1-1", "f", "v");
      server.call("XADD", "stream", "2-1", "f", "w");
      server.call("XGROUP", "CREATE", "stream", "group", "0");
      List<String[]> changes = new ArrayList<>();
      changes.add(new String[] {"APPEND", "string", "s"});
      changes.add(new String[] {"PEXPIREAT", "string", "4102444800000"});
      changes.add(new String[] {"PEXPIREAT", "string", "4102444800001"});
      changes.add(new String[] {"LSET", "list", "1", "B"});
      changes.add(new String[] {"SREM", "set", "a"});
      changes.add(new String[] {"SADD", "integers", "4"});
      changes.add(new String[] {"ZINCRBY", "zset", "0.5", "a"});
      changes.add(new String[] {"HSET", "hash", "f", "V"});
      if (engine.hasFieldExpiry()) {
        changes.add(new String[] {"HPEXPIREAT", "hash", "4102444800000", "FIELDS", "1", "g"});
      }
      changes.add(new String[] {"XADD", "stream", "3-1", "f", "x"});
      changes.add(new String[] {"XDEL", "stream", "2-1"});
      changes.add(new String[] {"XGROUP", "SETID", "stream", "group", "1-0"});
      changes.add(new String[] {"XREADGROUP", "GROUP", "group", "me", "STREAMS", "stream", ">"});
      changes.add(new String[] {"XACK", "stream", "group", "1-1"});
      changes.add(new String[] {"XGROUP", "CREATECONSUMER", "stream", "group", "you"});
      Map<String, String> before = fingerprints(server);
      for (String[] change : changes) {
        try {
          server.call(change);
        } catch (JedisDataException e) {
          assertThat(engine.hasFunctions()).as("%s: %s", List.of(change), e).isFalse();
          continue; // 6.0 has no XGROUP CREATECONSUMER
        }
        Map<String, String> after = fingerprints(server);
        Set<String> changed = new HashSet<>();
        for (Map.Entry<String, String> entry : after.entrySet()) {
          if (!entry.getValue().equals(before.get(entry.getKey()))) {
            changed.add(entry.getKey());
          }
        }
        String key = change[0].startsWith("X") ? "stream" : change[1];
        assertThat(changed)
            .as(String.join(" ", change))
            .containsExactly(name(0, key.getBytes(StandardCharsets.US_ASCII)));
        before = after;
      }
    }
  }

  /// Sets what the engine knows of `limits`, and restarts the server from its own file.
  private static void restartWith(TestServer server, Map<String, String> limits) {
    limits.forEach((name, value) -> {
      try {
        server.call("CONFIG", "SET", name, value);
        server.config(name, value);
      } catch (JedisDataException e) {
        assertThat(name).as(e.getMessage()).isEqualTo("set-max-listpack-entries"); // 7.2
      }
    });
    server.stop();
    server.start();
  }

  private static Map<String, Integer> types(TestServer server) throws IOException {
    Map<String, Integer> types = new TreeMap<>();
    for (Record record : records(server)) {
      types.put(name(record), record.type());
    }
    return types;
  }

  private static Map<String, String> fingerprints(TestServer server) throws IOException {
    RecordFingerprinter fingerprinter = new RecordFingerprinter(KEY);
    Map<String, String> fingerprints = new TreeMap<>();
    for (Record record : records(server)) {
      fingerprints.put(name(record), fingerprinter.fingerprint(record).toString());
    }
    return fingerprints;
  }

  /// What the server saves now.
  private static List<Record> records(TestServer server) throws IOException {
    server.call("SAVE");
    try (FileChannel file = FileChannel.open(server.directory().resolve("dump.rdb"))) {
      return RdbItems.records(RdbItems.of(file, 1 << 16));
    }
  }

  private static RdbVersion version(TestServer server) throws IOException {
    try (FileChannel file = FileChannel.open(server.directory().resolve("dump.rdb"));
        RdbReader reader = new RdbReader(file)) {
      return reader.version();
    }
  }

  private static String name(Record record) {
    return name(record.database(), RdbItems.bytes(record.key()));
  }

  private static String name(int database, byte[] key) {
    return database
        + " "
        + new String(key, StandardCharsets.US_ASCII)
        + " "
        + HexFormat.of().formatHex(key);
  }
}
