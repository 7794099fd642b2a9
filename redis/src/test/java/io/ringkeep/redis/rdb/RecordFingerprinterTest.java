package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.Encodings.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// One logical value, one fingerprint: in every encoding, and in no other value.
class RecordFingerprinterTest {
  private static final HashKey KEY = new HashKey(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
  private static final RdbVersion VERSION = RdbVersion.redis(15);

  private final RecordFingerprinter fingerprinter = new RecordFingerprinter(KEY);

  @Test
  void fingerprint_goldenRecords_neverChanges() {
    List<GoldenRecord> golden = GoldenRecord.all();
    assertThat(golden).hasSizeGreaterThan(150);
    for (GoldenRecord record : golden) {
      assertThat(fingerprinter.fingerprint(record.record()))
          .as(record.name())
          .hasToString(record.fingerprint());
    }
  }

  @Test
  void fingerprint_everyEncodingOfRandomValues_isWhatTheReferenceSays() {
    Random random = Seeds.random("everyEncoding");
    RandomValues values = new RandomValues(random);
    Encodings encodings = new Encodings(random);
    for (int round = 0; round < Seeds.rounds(3000); round++) {
      LogicalValue value = values.next();
      int database = random.nextInt(3) == 0 ? random.nextInt(16) : 0;
      String key = values.string();
      long expiry = random.nextBoolean() ? Record.NO_EXPIRY : random.nextLong() >>> 8;
      String expected = ReferenceFingerprint.of(KEY, database, key, expiry, value);
      for (Encoding encoding : encodings.of(value)) {
        assertThat(fingerprint(database, key, expiry, encoding, random))
            .as("%s as %s", value, encoding.type())
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void fingerprint_streamOfAnOldVersion_isWhatAnewerServerWouldFillIn() {
    Random random = Seeds.random("oldStream");
    RandomValues values = new RandomValues(random);
    Encodings encodings = new Encodings(random);
    for (int round = 0; round < Seeds.rounds(500); round++) {
      LogicalValue.Stream stream = values.stream();
      Encoding old =
          new Encoding(
              VERSION,
              RdbType.STREAM_LISTPACKS,
              encodings.stream(stream, RdbType.STREAM_LISTPACKS));
      assertThat(fingerprint(0, "k", Record.NO_EXPIRY, old, random))
          .isEqualTo(ReferenceFingerprint.of(KEY, 0, "k", -1, filledIn(stream)));
    }
  }

  /// What Redis 7.0 takes for the parts that its predecessors did not record.
  private static LogicalValue.Stream filledIn(LogicalValue.Stream stream) {
    long length = stream.length();
    List<LogicalValue.Group> groups = new ArrayList<>();
    for (LogicalValue.Group group : stream.groups()) {
      long read;
      if (length == 0) {
        read = 0;
      } else if (group.delivered().equals(stream.last())) {
        read = length;
      } else if (group.delivered().compareTo(stream.last()) > 0) {
        read = -1;
      } else if (group.delivered().compareTo(stream.first()) < 0) {
        read = 0;
      } else {
        read = group.delivered().equals(stream.first()) ? 1 : -1;
      }
      groups.add(
          new LogicalValue.Group(
              group.name(),
              group.delivered(),
              read,
              group.pending(),
              group.consumers(),
              /* unowned= */ List.of()));
    }
    return new LogicalValue.Stream(
        stream.entries(), stream.last(), stream.first(), StreamId.ZERO, length, groups);
  }

  @Test
  void fingerprint_anythingElseChanged_isAnother() {
    Random random = Seeds.random("anythingChanged");
    RandomValues values = new RandomValues(random);
    Encodings encodings = new Encodings(random);
    Map<String, LogicalValue> seen = new HashMap<>();
    for (int round = 0; round < Seeds.rounds(1500); round++) {
      LogicalValue value = values.next();
      List<LogicalValue> variants = new ArrayList<>(List.of(value));
      variants.addAll(Variants.of(value));
      for (LogicalValue variant : variants) {
        List<Encoding> all = encodings.of(variant);
        Encoding encoding = all.get(random.nextInt(all.size()));
        String fingerprint = fingerprint(0, "k", Record.NO_EXPIRY, encoding, random);
        LogicalValue before = seen.put(fingerprint, variant);
        if (before != null) {
          assertThat(variant).as("value with the same fingerprint").isEqualTo(before);
        }
      }
    }
    assertThat(seen).hasSizeGreaterThan(Seeds.rounds(1500));
  }

  @Test
  void fingerprint_otherKeyDatabaseExpiryOrHashKey_isAnother() {
    Encoding value = new Encoding(VERSION, RdbType.STRING, RdbBytes.value().string("v"));
    Random random = Seeds.random("otherKey");
    RecordFingerprinter other = new RecordFingerprinter(new HashKey(1, 2));
    assertThat(
            List.of(
                fingerprint(0, "k", -1, value, random),
                fingerprint(1, "k", -1, value, random),
                fingerprint(0, "l", -1, value, random),
                fingerprint(0, "k\0", -1, value, random),
                fingerprint(0, "", -1, value, random),
                fingerprint(0, "k", 0, value, random),
                fingerprint(0, "k", 1, value, random),
                other.fingerprint(record(0, "k", -1, value, random)).toString()))
        .doesNotHaveDuplicates();
  }

  @Test
  void fingerprint_elementsOfOneKindOrAnother_areNotTheSame() {
    Random random = Seeds.random("kinds");
    assertThat(
            List.of(
                fingerprint(RdbType.STRING, RdbBytes.value().string("a"), random),
                fingerprint(RdbType.LIST, RdbBytes.value().length(1).string("a"), random),
                fingerprint(RdbType.SET, RdbBytes.value().length(1).string("a"), random),
                fingerprint(RdbType.ZSET_2, RdbBytes.value().length(1).string("a").f64(0), random),
                fingerprint(
                    RdbType.HASH, RdbBytes.value().length(1).string("a").string(""), random),
                fingerprint(
                    RdbType.LIST, RdbBytes.value().length(2).string("a").string(""), random),
                fingerprint(RdbType.MODULE_2, RdbBytes.value().raw(RdbBytes.ascii("a")), random)))
        .doesNotHaveDuplicates();
  }

  @Test
  void fingerprint_consumersSeenOrActiveLater_staysAndPendingDeliveredLaterDoesNot() {
    String fingerprint = streamWithConsumer(1, 2, 3);
    assertThat(streamWithConsumer(1, 9, 9)).isEqualTo(fingerprint);
    assertThat(streamWithConsumer(9, 2, 3)).isNotEqualTo(fingerprint);
  }

  private String streamWithConsumer(long delivered, long seen, long active) {
    RdbBytes value = RdbBytes.value().length(0).length(0).length(1).length(1);
    value.length(0).length(0).length(1).length(1).length(1);
    value.length(1).string("group").length(1).length(1).length(1);
    value.length(1).i64(0).i64(0).i64(delivered).length(1);
    value.length(1).string("consumer").i64(seen).i64(active).length(1).i64(0).i64(0);
    return fingerprint(RdbType.STREAM_LISTPACKS_3, value, new Random(0));
  }

  @Test
  void fingerprint_heatAndVersionThatWroteIt_areNoPartOfIt() {
    ByteBuffer key = ByteBuffer.wrap(RdbBytes.ascii("k"));
    ByteBuffer value = ByteBuffer.wrap(RdbBytes.value().string("v").bytes());
    Record cold = new Record(0, key, -1, Heat.UNKNOWN, 0, RdbVersion.redis(9), value);
    Record hot = new Record(0, key, -1, new Heat.Frequency(200), 0, RdbVersion.valkey(80), value);
    assertThat(fingerprinter.fingerprint(hot)).isEqualTo(fingerprinter.fingerprint(cold));
  }

  @Test
  void fingerprint_longCompressedString_isThatOfTheStringUncompressed() {
    Random random = Seeds.random("longString");
    for (int length : new int[] {65535, 65536, 65537, 200_000, 3_000_000}) {
      StringBuilder text = new StringBuilder();
      while (text.length() < length) {
        text.append("{\"id\":").append(random.nextInt(1000)).append(",\"name\":\"same\"}");
      }
      byte[] bytes = text.substring(0, length).getBytes(ISO_8859_1);
      byte[] compressed = LzfCompressor.compress(bytes, random);
      RdbBytes plain = RdbBytes.value().string(bytes);
      RdbBytes packed =
          RdbBytes.value().u8(0xc3).length(compressed.length).length(length).raw(compressed);
      assertThat(fingerprint(RdbType.STRING, packed, random))
          .isEqualTo(fingerprint(RdbType.STRING, plain, random));
      RdbBytes list = RdbBytes.value().length(1).raw(packed.bytes());
      assertThat(fingerprint(RdbType.LIST, list, random))
          .isEqualTo(fingerprint(RdbType.LIST, RdbBytes.value().length(1).string(bytes), random));
    }
  }

  @Test
  void fingerprint_longCompressedStringWithOneByteTooMany_isDamage() {
    Random random = Seeds.random("longDamage");
    byte[] bytes = "again ".repeat(50_000).getBytes(ISO_8859_1);
    byte[] compressed = LzfCompressor.compress(bytes, random);
    for (int length : new int[] {bytes.length - 1, bytes.length + 1}) {
      RdbBytes value =
          RdbBytes.value().u8(0xc3).length(compressed.length).length(length).raw(compressed);
      assertThatThrownBy(() -> fingerprint(RdbType.STRING, value, random))
          .isInstanceOf(CorruptData.class);
    }
  }

  @Test
  void fingerprint_afterADamagedRecord_isAsBefore() {
    GoldenRecord golden = GoldenRecord.all().getLast();
    Record damaged =
        new Record(
            0,
            ByteBuffer.allocate(1),
            -1,
            Heat.UNKNOWN,
            RdbType.SET.number(),
            VERSION,
            ByteBuffer.wrap(RdbBytes.value().length(2).string("only one").bytes()));
    assertThatThrownBy(() -> fingerprinter.fingerprint(damaged)).isInstanceOf(CorruptData.class);
    assertThat(fingerprinter.fingerprint(golden.record())).hasToString(golden.fingerprint());
  }

  private String fingerprint(RdbType type, RdbBytes value, Random random) {
    return fingerprint(0, "k", -1, new Encoding(VERSION, type, value), random);
  }

  private String fingerprint(
      int database, String key, long expiry, Encoding encoding, Random random) {
    return fingerprinter.fingerprint(record(database, key, expiry, encoding, random)).toString();
  }

  /// The record in buffers of any kind, with other bytes before and behind.
  private static Record record(
      int database, String key, long expiry, Encoding encoding, Random random) {
    return new Record(
        database,
        anyBuffer(key.getBytes(ISO_8859_1), random),
        expiry,
        Heat.UNKNOWN,
        encoding.type().number(),
        encoding.version(),
        anyBuffer(encoding.value(), random));
  }

  private static ByteBuffer anyBuffer(byte[] bytes, Random random) {
    int before = random.nextInt(4);
    int size = before + bytes.length + random.nextInt(50);
    ByteBuffer buffer =
        random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    buffer.order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    return buffer.put(before, bytes).position(before).limit(before + bytes.length);
  }
}
