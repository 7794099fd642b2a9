package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import com.moilioncircle.redis.replicator.Configuration;
import com.moilioncircle.redis.replicator.FileType;
import com.moilioncircle.redis.replicator.RedisReplicator;
import com.moilioncircle.redis.replicator.rdb.dump.DumpRdbVisitor;
import com.moilioncircle.redis.replicator.rdb.dump.datatype.DumpKeyValuePair;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbItem.ChecksumState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Files that real servers wrote; `make-fixtures` beside them says how.
class RdbGoldenTest {
  private static final long EXPIRY = 4_102_444_800_123L;

  /// All types of RDB 12 but those of release candidates.
  private static final List<RdbType> OTHER_PARSER_KNOWS =
      Arrays.stream(RdbType.values())
          .filter(type -> type.knownTo(RdbVersion.redis(12)) && !type.name().endsWith("_PRE_GA"))
          .toList();

  static Stream<Path> files() throws IOException, URISyntaxException {
    Path folder = Path.of(RdbGoldenTest.class.getResource("/golden/rdb").toURI());
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".rdb")).sorted().toList().stream();
    }
  }

  static Stream<Path> filesOfRedisNumbers() throws IOException, URISyntaxException {
    return files().filter(file -> !file.toString().contains("valkey-9"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void file_ofAnyEngine_isWhole(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      boolean summed = !file.endsWith("uncompressed.rdb");
      assertThat(RdbItems.of(channel, 1 << 16).getLast())
          .isEqualTo(
              new RdbItem.End(
                  summed ? ChecksumState.VERIFIED : ChecksumState.ABSENT, Files.size(file)));
    }
  }

  @ParameterizedTest
  @MethodSource("filesOfRedisNumbers")
  void file_ofAnyEngine_isWhatAnotherParserReads(Path file) throws IOException {
    expectWhatAnotherParserReads(Files.readAllBytes(file));
  }

  @Test
  void generatedStreams_ofEveryRedisType_areWhatAnotherParserReads() throws IOException {
    Random random = RdbItems.random("RdbGoldenTest");
    for (int round = 0; round < 50; round++) {
      RdbBytes stream = RdbBytes.stream("REDIS0012").aux("redis-ver", "8.0.6");
      for (int i = 0; i < 50; i++) {
        RdbType type = OTHER_PARSER_KNOWS.get(random.nextInt(OTHER_PARSER_KNOWS.size()));
        byte[] value = RdbSamples.value(type, random, 1 + random.nextInt(20), 100);
        stream.db(random.nextInt(4)).u8(252).i64(random.nextLong(1, Long.MAX_VALUE));
        stream.key(type.number(), "key " + i, value);
      }
      expectWhatAnotherParserReads(stream.end());
    }
  }

  private static void expectWhatAnotherParserReads(byte[] stream) throws IOException {
    List<DumpKeyValuePair> expected = new ArrayList<>();
    RedisReplicator replicator =
        new RedisReplicator(
            new ByteArrayInputStream(stream), FileType.RDB, Configuration.defaultSetting());
    replicator.setRdbVisitor(new DumpRdbVisitor(replicator));
    replicator.addEventListener((source, event) -> {
      if (event instanceof DumpKeyValuePair pair) {
        expected.add(pair);
      }
    });
    replicator.open();
    List<Record> records = RdbItems.records(stream);
    assertThat(records).hasSameSizeAs(expected);
    for (int i = 0; i < records.size(); i++) {
      Record record = records.get(i);
      DumpKeyValuePair pair = expected.get(i);
      assertThat(RdbItems.bytes(record.key())).isEqualTo(pair.getKey());
      assertThat(record.database()).isEqualTo((int) pair.getDb().getDbNumber());
      assertThat(record.type()).isEqualTo(pair.getValueRdbType());
      assertThat(record.expires() ? record.expiryMillis() : null).isEqualTo(pair.getExpiredMs());
      assertThat(RdbItems.bytes(DumpPayload.of(record, record.version())))
          .isEqualTo(pair.getValue());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void file_writtenAgain_holdsTheSameRecords(Path file) throws IOException {
    List<RdbItem> items = RdbItems.of(Files.readAllBytes(file));
    List<Record> records = RdbItems.records(items);
    RdbVersion version = versionOf(file);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RdbWriter writer = new RdbWriter(Channels.newChannel(out), version);
    for (RdbItem item : items) {
      switch (item) {
        case RdbItem.Aux(String name, ByteBuffer value) -> writer.aux(name, value);
        case RdbItem.FunctionLibrary(ByteBuffer code) -> writer.function(code);
        case RdbItem.ModuleAux(String module, ByteBuffer raw) -> writer.moduleAux(raw);
        case RdbItem.ResizeHint(int database, long keys, long expiring) ->
            writer.resizeHint(database, keys, expiring);
        case RdbItem.Entry(Record record) -> writer.record(record);
        case RdbItem.SlotInfo info -> assertThat(info.keys()).isPositive();
        case RdbItem.SlotImport unexpected -> throw new AssertionError(unexpected);
        case RdbItem.End end -> assertThat(end.bytes()).isEqualTo(Files.size(file));
      }
    }
    writer.finish();
    List<RdbItem> again = RdbItems.of(out.toByteArray());
    assertThat(RdbItems.records(again)).isEqualTo(records);
    Function<List<RdbItem>, List<RdbItem>> kept =
        all ->
            all.stream()
                .filter(item -> !(item instanceof RdbItem.SlotInfo || item instanceof RdbItem.End))
                .toList();
    assertThat(kept.apply(again)).containsExactlyInAnyOrderElementsOf(kept.apply(items));
  }

  @ParameterizedTest
  @CsvSource({
    "redis-6.0.16,REDIS0009,34,0 2 4 5 11 12 13 14 15",
    "redis-6.2.11,REDIS0009,34,0 2 4 5 11 12 13 14 15",
    "redis-7.0.15,REDIS0010,35,0 2 4 5 11 16 17 18 19",
    "redis-8.0.6,REDIS0012,38,0 2 4 5 11 16 17 18 20 21 24 25",
    "valkey-8.1.1,REDIS0011,35,0 2 4 5 11 16 17 18 20 21",
    "valkey-9.1.2,VALKEY080,38,0 2 4 5 11 16 17 18 20 21 22"
  })
  void everything_ofEachEngine_hasItsTypesAndDatabases(
      String engine, String magic, int inDatabase0, String types) throws IOException {
    for (String name : List.of("everything", "uncompressed")) {
      byte[] stream = read(engine, name);
      assertThat(stream).startsWith(RdbBytes.ascii(magic));
      List<Record> records = RdbItems.records(stream);
      Map<Integer, Long> databases =
          records.stream().collect(Collectors.groupingBy(Record::database, Collectors.counting()));
      assertThat(databases).isEqualTo(Map.of(0, (long) inDatabase0 - 2, 3, 2L, 15, 1L));
      Set<Integer> seen = new TreeSet<>(records.stream().map(Record::type).toList());
      assertThat(seen.toString().replaceAll("[\\[\\],]", "")).isEqualTo(types);
      assertThat(records.stream().filter(Record::expires))
          .extracting(record -> RdbItems.text(record.key()) + record.expiryMillis())
          .containsExactly("string:expires" + EXPIRY);
      assertThat(records)
          .extracting(record -> RdbItems.text(record.key()))
          .contains("42", "-32000", "key:" + "a".repeat(84));
    }
  }

  @Test
  void functions_compressedOrNot_areTheirCode() throws IOException {
    for (String name : List.of("everything", "uncompressed")) {
      assertThat(RdbItems.of(read("redis-7.0.15", name)))
          .filteredOn(RdbItem.FunctionLibrary.class::isInstance)
          .extracting(item -> RdbItems.text(((RdbItem.FunctionLibrary) item).code()))
          .hasSize(2)
          .anyMatch(code -> code.startsWith("#!lua name=ringkeep\n-- the quick brown fox"))
          .anyMatch(code -> code.startsWith("#!lua name=second\n"))
          .allMatch(code -> code.strip().endsWith("}") || code.strip().endsWith(")"));
    }
  }

  @Test
  void lfuServer_recordsFrequencies() throws IOException {
    List<Record> records = RdbItems.records(read("redis-8.0.6", "lfu"));
    assertThat(records).hasSize(20).allMatch(record -> record.heat() instanceof Heat.Frequency);
    assertThat(records)
        .filteredOn(record -> RdbItems.text(record.key()).equals("key:1"))
        .allMatch(record -> ((Heat.Frequency) record.heat()).counter() > 5);
    assertThat(records)
        .filteredOn(Record::expires)
        .extracting(Record::expiryMillis)
        .containsExactly(EXPIRY);
  }

  @Test
  void lruServer_recordsIdleSeconds() throws IOException {
    assertThat(RdbItems.records(read("valkey-9.1.2", "lru")))
        .hasSize(20)
        .allMatch(record -> record.heat() instanceof Heat.Idle(long seconds) && seconds < 60);
  }

  @Test
  void clusterServer_saysWhichSlotsFollow() throws IOException {
    List<RdbItem> redis = RdbItems.of(read("redis-8.0.6", "cluster"));
    assertThat(redis).contains(new RdbItem.SlotInfo(8338, 10, 10));
    // Valkey says it in AUX fields, which every server passes over.
    List<RdbItem> valkey = RdbItems.of(read("valkey-8.1.1", "cluster"));
    assertThat(valkey)
        .contains(new RdbItem.Aux("slot-info", ByteBuffer.wrap(RdbBytes.ascii("8338,10,10"))));
    assertThat(RdbItems.records(valkey)).hasSize(50);
  }

  private static RdbVersion versionOf(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        RdbReader reader = new RdbReader(channel)) {
      assertThat(reader.version().family())
          .isEqualTo(file.toString().contains("valkey-9") ? Family.VALKEY : Family.REDIS);
      return reader.version();
    }
  }

  private static byte[] read(String engine, String name) throws IOException {
    return RdbGoldenTest.class
        .getResourceAsStream("/golden/rdb/" + engine + "/" + name + ".rdb")
        .readAllBytes();
  }
}
