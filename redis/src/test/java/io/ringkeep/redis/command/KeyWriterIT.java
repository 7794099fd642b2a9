package io.ringkeep.redis.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.rdb.RdbItem;
import io.ringkeep.redis.rdb.RdbReader;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real servers hold what was written to them by commands, judged by their own digests where they
/// are of one version, else by what they save.
class KeyWriterIT {
  /// Type 27 of RDB 14: two pending entries, of which a consumer owns the first.
  private static final String HANDED_BACK =
      "01100000000000000064000000000000000140444400000018000201010101018161020001020100010001"
          + "836f6e6504040103010001010184676f6e6505040100010501070102018162028374776f04816302030108"
          + "01ff024069084064014064020302016740690802020000000000000064000000000000000100806e877401"
          + "0000030000000000000069000000000000000801806e8774010000010105616c69636502806e8774010000"
          + "02806e87740100000100000000000000640000000000000001010000000000000069000000000000000804"
          + "69646c6500000000000040644064000000";

  /// Type 28 of RDB 14: an integer, a double, two strings, the last under the highest index;
  /// inserted up to index 4999.
  private static final String ARRAY =
      "04015387"
          + ("0001" + "d6ffffffffffffff" + "0102" + "000000000000f83f" + "0203" + "03616263")
          + ("81fffffffffffffffe00" + "05776f726473");

  private static final RdbVersion ARRAYS = RdbVersion.redis(14);
  private static final HashKey KEY = new HashKey(3, 4);
  private static final Clock CLOCK = Clock.systemUTC();
  private static final long LONG = 512L << 20;

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void write_everyTypeOfTheSameEngine_isWhatItWas(Engine engine) throws IOException {
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine)) {
      Dataset.of(11, 300).withoutFunctions().writeTo(source);

      write(records(source), target, /* replace= */ true);

      // Where nodes end in a stream that lost entries is history, not content.
      assertThat(Oracle.read(source).differences(Oracle.read(target)))
          .filteredOn(line -> !line.contains("border:stream:holes"))
          .filteredOn(line -> !line.contains("border:stream:trimmed"))
          .isEmpty();
      if (ability(target).streamCounters()) {
        assertThat(seen(records(target), ability(target)))
            .isEqualTo(seen(records(source), ability(source)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void write_ontoEveryOtherEngine_isEqualInAllItCanHold(Engine engine) throws IOException {
    try (TestServer source = TestServer.start(engine)) {
      Dataset.of(12, 200).withoutFunctions().writeTo(source);
      List<Record> all = records(source);
      for (Engine other : Engines.list()) {
        if (other.equals(engine)) {
          continue;
        }
        try (TestServer target = TestServer.start(other)) {
          Ability ability = ability(target);
          List<Record> records = all.stream().filter(r -> !ability.restores(r)).toList();
          write(records, target, /* replace= */ true);
          Map<String, String> expected = seen(records, ability);
          Map<String, String> held = seen(records(target), ability);
          assertThat(held.keySet()).isEqualTo(expected.keySet());
          expected.entrySet().removeIf(entry -> entry.getValue().equals(held.get(entry.getKey())));
          assertThat(expected.keySet()).as("%s onto %s", engine, other).isEmpty();
          lossesAreAllThatDiffers(records, records(target), ability);
        }
      }
    }
  }

  /// No server at hand writes such a stream: the bytes are made from the format.
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void write_streamWithEntriesThatConsumersHandedBack_isTheRestAndTheLossIsNamed(Engine engine)
      throws IOException {
    Record stream = ofRedis88("stream", 27, HANDED_BACK);
    try (TestServer target = TestServer.start(engine)) {
      Ability ability = ability(target);
      assertThat(ability.restores(stream)).isFalse();
      assertThat(new LossFinder(ability).losses(stream)).contains(Loss.STREAM_UNOWNED);

      write(List.of(stream), target, /* replace= */ true);

      assertThat(seen(records(target), ability)).isEqualTo(seen(List.of(stream), ability));
    }
  }

  @Test
  void losses_ofAnArray_areAllOfItWhereNoArraysAre() {
    Record array = ofRedis88("array", 28, ARRAY);
    Ability without = ability(RdbVersion.redis(13), LONG);
    Ability with = ability(ARRAYS, LONG);
    Ability narrow = ability(ARRAYS, 10);

    assertThat(new LossFinder(without).losses(array)).containsExactly(Loss.ARRAY);
    assertThat(Loss.ARRAY.wholeKey()).isTrue();
    assertThat(with.restores(array)).isTrue();
    assertThat(new LossFinder(with).losses(array)).isEmpty();
    assertThat(narrow.restores(array)).isFalse();
    assertThat(new LossFinder(narrow).losses(array)).isEmpty();
    assertThat(new LossFinder(ability(ARRAYS, 4)).losses(array)).containsExactly(Loss.TOO_LONG);
  }

  /// No server at hand has arrays. One whose `HSET` is called `ARMSET`, and whose `EXPIRE` is
  /// called `ARSEEK`, shows that each command has the words it is to have, and that they come in
  /// order.
  @Test
  void write_array_isItsElementsByIndexThenWhereInsertionGoesOn() throws IOException {
    Record array = ofRedis88("array", 28, ARRAY);
    try (TestServer target =
            TestServer.start(
                Engines.redis70(), "rename-command HSET ARMSET", "rename-command EXPIRE ARSEEK");
        KeyWriter writer =
            KeyWriter.open(endpoint(target), ConnectionOptions.DEFAULT, ability(ARRAYS, 10))) {
      writer.write(array, /* replace= */ true, CLOCK.millis());
      writer.flush();

      assertThat(writer.written()).isEqualTo(1);
      assertThat(target.keys(0)).isEqualTo(1);
      assertThat(target.text("HLEN", "array")).isEqualTo("4");
      assertThat(target.text("HGET", "array", "0")).isEqualTo("-42");
      assertThat(target.text("HGET", "array", "1")).isEqualTo("1.5");
      assertThat(target.text("HGET", "array", "2")).isEqualTo("abc");
      assertThat(target.text("HGET", "array", "18446744073709551614")).isEqualTo("words");
      assertThat(Long.parseLong(target.text("TTL", "array"))).isBetween(4900L, 5000L);
    }
  }

  private static Ability ability(RdbVersion newest, long longestArgument) {
    return new Ability(newest, true, true, true, true, longestArgument, Ability.ANY_STALL);
  }

  private static Record ofRedis88(String key, int type, String hex) {
    byte[] value = HexFormat.of().parseHex(hex);
    return new Record(
        0,
        ByteBuffer.wrap(key.getBytes(StandardCharsets.US_ASCII)),
        Record.NO_EXPIRY,
        Heat.UNKNOWN,
        type,
        RdbVersion.redis(14),
        ByteBuffer.allocateDirect(value.length).put(0, value));
  }

  /// Where no loss was named, the whole fingerprint is the same.
  private static void lossesAreAllThatDiffers(
      List<Record> source, List<Record> target, Ability ability) {
    LossFinder finder = new LossFinder(ability);
    RecordFingerprinter fingerprinter = new RecordFingerprinter(KEY);
    Map<String, Fingerprint> held = new TreeMap<>();
    target.forEach(record -> held.put(name(record), fingerprinter.fingerprint(record)));
    for (Record record : source) {
      Set<Loss> losses = finder.losses(record);
      boolean equal = fingerprinter.fingerprint(record).equals(held.get(name(record)));
      // What 6.2 does not keep is made up when it is read, so an unharmed stream may differ.
      if (losses.isEmpty() && ability.streamCounters()) {
        assertThat(equal).as(name(record)).isTrue();
      }
      if (!losses.isEmpty()) {
        assertThat(equal).as("%s %s", name(record), losses).isFalse();
      }
    }
  }

  @Test
  void write_aSecondTimeOverAPartThatWasLeft_isWhatItWas() throws IOException {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70())) {
      source.text("RPUSH", "list", "a", "b", "c");
      List<Record> records = records(source);
      byte[] part = new PartName().beside(records.getFirst().key());
      target.text("RPUSH", new String(part, StandardCharsets.US_ASCII), "left by a killed run");
      target.text("SET", "list", "an older value");

      write(records, target, /* replace= */ true);
      write(records, target, /* replace= */ true);

      assertThat(Oracle.read(source).differences(Oracle.read(target))).isEmpty();
    }
  }

  @Test
  void write_withoutReplace_leavesKeysThatAreThere() throws IOException {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70())) {
      source.text("SADD", "a", "1", "x");
      source.text("SADD", "b", "1", "x");
      target.text("SET", "a", "mine");

      try (KeyWriter writer =
          KeyWriter.open(endpoint(target), ConnectionOptions.DEFAULT, ability(target))) {
        for (Record record : records(source)) {
          writer.write(record, /* replace= */ false, CLOCK.millis());
        }
        writer.flush();
        assertThat(writer.written()).isEqualTo(1);
        assertThat(writer.existing()).isEqualTo(1);
      }

      assertThat(target.text("GET", "a")).isEqualTo("mine");
      assertThat(target.keys(0)).isEqualTo(2);
    }
  }

  @Test
  void write_whenTheTargetIsFull_isRefusedAndNoKeyIsHalfThere() throws IOException {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70(), "maxmemory 3mb")) {
      for (int i = 0; i < 3000; i++) {
        source.text("HSET", "large", "field:" + i, "value".repeat(500));
      }

      assertThatThrownBy(() -> write(records(source), target, /* replace= */ true))
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("memory");

      assertThat(target.text("EXISTS", "large")).isEqualTo("0");
    }
  }

  private static void write(List<Record> records, TestServer target, boolean replace) {
    try (KeyWriter writer =
        KeyWriter.open(endpoint(target), ConnectionOptions.DEFAULT, ability(target))) {
      records.forEach(record -> writer.write(record, replace, CLOCK.millis()));
      writer.flush();
      assertThat(writer.written()).isEqualTo(records.size());
    }
  }

  private static Ability ability(TestServer server) {
    return Ability.of(EngineVersion.parse(server.info("server")), LONG);
  }

  private static Endpoint endpoint(TestServer server) {
    return new Endpoint("127.0.0.1", server.port());
  }

  private static Map<String, String> seen(List<Record> records, Ability ability) {
    Lens lens = new Lens(ability, 0, KEY);
    RecordFingerprinter fingerprinter = new RecordFingerprinter(KEY);
    return records.stream()
        .collect(
            Collectors.toMap(
                KeyWriterIT::name,
                record -> lens.fingerprint(record, fingerprinter.fingerprint(record)).toString()));
  }

  private static String name(Record record) {
    byte[] key = new byte[record.key().remaining()];
    record.key().get(record.key().position(), key);
    String hex = HexFormat.of().formatHex(key);
    return record.database()
        + " "
        + new String(key, StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?")
        + " "
        + hex.substring(0, Math.min(60, hex.length()));
  }

  /// What the server saves now.
  private static List<Record> records(TestServer server) throws IOException {
    server.call("SAVE");
    List<Record> records = new ArrayList<>();
    try (FileChannel file = FileChannel.open(server.directory().resolve("dump.rdb"));
        RdbReader reader = new RdbReader(file)) {
      RdbItem item;
      do {
        item = reader.next();
        if (item instanceof RdbItem.Entry(Record record)) {
          records.add(record.copy());
        }
      } while (!(item instanceof RdbItem.End));
    }
    return records;
  }
}
