package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.exceptions.JedisDataException;

/// Real servers load what the writer and [DumpPayload] make of records that real servers wrote,
/// whichever engines the two are, and refuse what [RdbType#obstacle] says they would.
class RdbLoadIT {
  private static final int[] DATABASES = {0, 3, 15};

  /// What a key's server says of it, by database and name, for each golden file of the engines that
  /// are here: what was read is computed once.
  private static final Map<Path, Map<String, String>> GOLDEN = new LinkedHashMap<>();

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void load_fileWrittenAgainInAnotherOrder_holdsTheSameKeys(Engine engine)
      throws IOException, URISyntaxException {
    Random random = RdbItems.random("RdbLoadIT");
    try (TestServer server = TestServer.start(engine)) {
      RdbVersion version = newestRdb(server);
      for (Path file : files()) {
        List<RdbItem> items = RdbItems.of(Files.readAllBytes(file));
        List<Record> records = new ArrayList<>();
        for (Record record : RdbItems.records(items)) {
          if (RdbType.obstacle(record.version(), record.type(), version).isEmpty()) {
            records.add(record);
          }
        }
        Collections.shuffle(records, random);
        server.stop();
        Path dump = server.directory().resolve("dump.rdb");
        long functions = write(dump, version, items, records);
        server.start();
        assertThat(state(server)).isEqualTo(expected(file, records));
        assertThat(functions(server)).isEqualTo(functions);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void restore_payloadsOfEveryEngine_isTakenUnlessAnObstacleWasNamed(Engine engine)
      throws IOException, URISyntaxException {
    try (TestServer server = TestServer.start(engine)) {
      RdbVersion version = newestRdb(server);
      for (Path file : files()) {
        List<Record> records = new ArrayList<>();
        for (Record record : RdbItems.records(Files.readAllBytes(file))) {
          if (RdbType.obstacle(record.version(), record.type(), version).isEmpty()) {
            restore(server, record);
            records.add(record);
          } else {
            assertThatThrownBy(() -> restore(server, record))
                .as("%s type %d", record.version(), record.type())
                .isInstanceOf(JedisDataException.class)
                .hasMessageMatching(".*(Bad data format|DUMP payload version or checksum).*");
          }
        }
        assertThat(state(server)).isEqualTo(expected(file, records));
        server.call("FLUSHALL");
      }
    }
  }

  private static void restore(TestServer server, Record record) {
    server.call("SELECT", Integer.toString(record.database()));
    RdbVersion stamp = DumpPayload.stampFor(record.version(), record.type());
    server.call(
        RdbBytes.ascii("RESTORE"),
        RdbItems.bytes(record.key()),
        RdbBytes.ascii(record.expires() ? Long.toString(record.expiryMillis()) : "0"),
        RdbItems.bytes(DumpPayload.of(record, stamp)),
        RdbBytes.ascii("ABSTTL"));
  }

  /// Writes functions, hints and records, and says how many libraries there are.
  private static long write(
      Path dump, RdbVersion version, List<RdbItem> items, List<Record> records) throws IOException {
    long functions = 0;
    try (FileChannel channel =
        FileChannel.open(
            dump,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      RdbWriter writer = new RdbWriter(channel, version);
      writer.aux("ringkeep-test", "unknown fields are passed over");
      for (RdbItem item : items) {
        if (item instanceof RdbItem.FunctionLibrary library && RdbFormat.hasFunctions(version)) {
          writer.function(library.code());
          functions++;
        }
      }
      for (int database : DATABASES) {
        writer.resizeHint(database, records.size(), 1);
      }
      for (Record record : records) {
        writer.record(record);
      }
      writer.finish();
    }
    return functions;
  }

  /// The golden files that hold every type, of the engines that are here.
  private static List<Path> files() throws IOException, URISyntaxException {
    if (GOLDEN.isEmpty()) {
      for (Engine engine : Engines.list()) {
        String release =
            "%s-%d.%d."
                .formatted(
                    engine.product().name().toLowerCase(Locale.ROOT),
                    engine.major(),
                    engine.minor());
        for (Path file : RdbGoldenTest.files().toList()) {
          if (file.endsWith("everything.rdb") && file.toString().contains(release)) {
            GOLDEN.put(file, loaded(engine, file));
          }
        }
      }
    }
    assertThat(GOLDEN).isNotEmpty();
    return List.copyOf(GOLDEN.keySet());
  }

  /// What an engine says of a file as another server wrote it.
  private static Map<String, String> loaded(Engine engine, Path file) throws IOException {
    try (TestServer server = TestServer.start(engine)) {
      server.stop();
      Path dump = server.directory().resolve("dump.rdb");
      Files.copy(file, dump, StandardCopyOption.REPLACE_EXISTING);
      server.start();
      return state(server);
    }
  }

  private static Map<String, String> expected(Path file, List<Record> records) {
    Map<String, String> all = GOLDEN.getOrDefault(file, Map.of());
    Map<String, String> expected = new TreeMap<>();
    for (Record record : records) {
      String name = name(record.database(), RdbItems.bytes(record.key()));
      expected.put(name, all.getOrDefault(name, "not in the file"));
    }
    return expected;
  }

  /// Digest and expiry, to the minute, of every key.
  private static Map<String, String> state(TestServer server) {
    Map<String, String> state = new TreeMap<>();
    for (int database : DATABASES) {
      server.call("SELECT", Integer.toString(database));
      for (@Nullable Object key : Raw.list(server.call("KEYS", "*"))) {
        byte[] name = (byte[]) Objects.requireNonNull(key);
        long left = Raw.number(server.call(RdbBytes.ascii("PTTL"), name));
        long expiry = left < 0 ? left : (System.currentTimeMillis() + left + 30_000) / 60_000;
        state.put(name(database, name), digest(server, name) + " " + expiry);
      }
    }
    return state;
  }

  private static String digest(TestServer server, byte[] key) {
    if (!Raw.text(server.call(RdbBytes.ascii("TYPE"), key)).equals("zset")) {
      return Raw.text(
          Raw.list(server.call(RdbBytes.ascii("DEBUG"), RdbBytes.ascii("DIGEST-VALUE"), key))
              .getFirst());
    }
    // The digest of a sorted set is over its scores as text, which 7.2 shortened.
    List<@Nullable Object> membersAndScores =
        Raw.list(
            server.call(
                RdbBytes.ascii("ZRANGE"),
                key,
                RdbBytes.ascii("0"),
                RdbBytes.ascii("-1"),
                RdbBytes.ascii("WITHSCORES")));
    StringBuilder digest = new StringBuilder();
    for (int i = 0; i < membersAndScores.size(); i += 2) {
      String score = Raw.text(membersAndScores.get(i + 1)).replace("inf", "Infinity");
      digest.append(Raw.text(membersAndScores.get(i))).append(Double.parseDouble(score));
    }
    return digest.toString();
  }

  private static String name(int database, byte[] key) {
    return database
        + " "
        + new String(key, StandardCharsets.US_ASCII)
        + " "
        + HexFormat.of().formatHex(key);
  }

  private static long functions(TestServer server) {
    return server.engine().hasFunctions() ? Raw.list(server.call("FUNCTION", "LIST")).size() : 0;
  }

  private static RdbVersion newestRdb(TestServer server) {
    return EngineVersion.parse(server.info("server")).newestRdb();
  }
}
