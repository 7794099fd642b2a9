package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import io.ringkeep.model.Record;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What the writer writes, the reader reads, however it arrives and however large it is.
class RdbRoundTripTest {
  private static final int ROUNDS =
      "full".equals(System.getProperty("ringkeep.proof")) ? 2_000 : 60;

  @Test
  void records_ofAnyType_throughAnyWindow_comeBack() throws IOException {
    Random random = RdbItems.random("RdbRoundTripTest");
    for (int round = 0; round < ROUNDS; round++) {
      RdbVersion target = RdbFormat.newest(random.nextBoolean() ? Family.REDIS : Family.VALKEY);
      List<Record> records = new ArrayList<>();
      for (int i = random.nextInt(200); i >= 0; i--) {
        records.add(record(random, target));
      }
      byte[] stream = write(target, records);
      int window = 16 + random.nextInt(1 << random.nextInt(4, 18));
      int piece = 1 + random.nextInt(1 << random.nextInt(17));
      assertThat(RdbItems.records(RdbItems.of(stream, window, piece)))
          .as("window=%d piece=%d", window, piece)
          .isEqualTo(records);
    }
  }

  @Test
  void values_muchLargerThanTheWindow_comeBackWhole() throws IOException {
    Random random = RdbItems.random("RdbRoundTripTest");
    RdbVersion version = RdbFormat.newest(Family.REDIS);
    List<Record> records = new ArrayList<>();
    for (int bytes : new int[] {10, 5_000_000, 20, 65_536, 65_535, 131_072, 30, 1_000_000}) {
      byte[] text = new byte[bytes];
      random.nextBytes(text);
      records.add(record("k" + bytes, 0, version, RdbBytes.value().string(text).bytes()));
      byte[] set = RdbSamples.value(RdbType.SET, random, bytes / 20, 30);
      records.add(record("s" + bytes, 2, version, set));
    }
    byte[] stream = write(version, records);
    assertThat(RdbItems.records(RdbItems.of(stream, 1 << 16, 1 << 14))).isEqualTo(records);
    assertThat(RdbItems.records(RdbItems.of(stream, 1 << 16, 1 << 22))).isEqualTo(records);
    assertThat(RdbItems.records(RdbItems.of(stream, 100, 5_000))).isEqualTo(records);
  }

  @Test
  void valueThatOutgrewTheWindow_isGivenBackAtTheNextItem() throws IOException {
    RdbVersion version = RdbFormat.newest(Family.REDIS);
    byte[] large = RdbBytes.value().string(new byte[100_000]).bytes();
    byte[] stream =
        write(version, List.of(record("large", 0, version, large), record("k", 0, version, large)));
    try (RdbReader reader = new RdbReader(new RdbItems.Pieces(stream, 4096), 1024)) {
      RdbItem.Entry first = (RdbItem.Entry) reader.next();
      assertThat(RdbItems.bytes(first.record().value())).isEqualTo(large);
      ByteBuffer value = first.record().value();
      assertThat(reader.next()).isInstanceOf(RdbItem.Entry.class);
      assertThatThrownBy(() -> value.get(0)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void lengthsThatNothingBacks_allocateNothing() {
    // Each claims about 2 GiB, which this test's heap and direct memory do not have.
    for (RdbType type : List.of(RdbType.STRING, RdbType.SET, RdbType.HASH, RdbType.LIST)) {
      byte[] stream =
          RdbBytes.stream("REDIS0012")
              .db(0)
              .u8(type.number())
              .string("k")
              .length(Integer.MAX_VALUE - 1000)
              .string("and little follows")
              .bytes();
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(() -> RdbItems.of(stream, 4096, 100))
            .isInstanceOf(CorruptData.class)
            .hasMessageStartingWith("RDB ends early: offset=" + stream.length);
      }
    }
  }

  @Test
  void lengthBeyondWhatAnItemCanHave_isDamage() {
    for (long length : new long[] {1L << 31, 1L << 32, Long.MAX_VALUE, -1}) {
      byte[] stream = RdbBytes.stream("REDIS0012").db(0).u8(0).string("k").length(length).bytes();
      assertThatThrownBy(() -> RdbItems.of(stream))
          .isInstanceOf(CorruptData.class)
          .hasMessage(
              "impossible length in RDB: offset=14 length=" + Long.toUnsignedString(length));
    }
  }

  private static byte[] write(RdbVersion version, List<Record> records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RdbWriter writer = new RdbWriter(Channels.newChannel(out), version);
    for (Record record : records) {
      writer.record(record);
    }
    writer.finish();
    return out.toByteArray();
  }

  private static Record record(Random random, RdbVersion version) {
    List<RdbType> types =
        Arrays.stream(RdbType.values())
            .filter(type -> type != RdbType.MODULE_PRE_GA && type.knownTo(version))
            .toList();
    RdbType type = types.get(random.nextInt(types.size()));
    byte[] key = new byte[random.nextInt(random.nextInt(20) == 0 ? 20_000 : 60)];
    random.nextBytes(key);
    Heat heat =
        switch (random.nextInt(4)) {
          case 0 -> new Heat.Idle(random.nextLong() >>> random.nextInt(1, 64));
          case 1 -> new Heat.Frequency(random.nextInt(256));
          default -> Heat.UNKNOWN;
        };
    int elements = random.nextInt(random.nextInt(10) == 0 ? 300 : 10);
    byte[] value = RdbSamples.value(type, random, elements, random.nextInt(1, 500));
    return new Record(
        random.nextInt(3),
        ByteBuffer.wrap(key),
        random.nextBoolean() ? random.nextLong() : Record.NO_EXPIRY,
        heat,
        type.number(),
        version,
        ByteBuffer.wrap(value));
  }

  private static Record record(String key, int type, RdbVersion version, byte[] value) {
    return new Record(
        0,
        ByteBuffer.wrap(RdbBytes.ascii(key)),
        Record.NO_EXPIRY,
        Heat.UNKNOWN,
        type,
        version,
        ByteBuffer.wrap(value));
  }
}
