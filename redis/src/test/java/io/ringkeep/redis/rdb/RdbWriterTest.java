package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdbWriterTest {
  private static final RdbVersion NEWEST = RdbVersion.redis(12);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void stream_ofEverything_isByteForByteWhatServersWrite() throws IOException {
    RdbWriter writer = writer(NEWEST);
    writer.aux("redis-ver", "8.0.6");
    writer.function(ByteBuffer.wrap(RdbBytes.ascii("#!lua name=x\n")));
    writer.moduleAux(ByteBuffer.wrap(RdbBytes.value().length(1).u8(2, 1, 0).bytes()));
    writer.record(record(0, "a", -1, Heat.UNKNOWN));
    writer.record(record(0, "b", 4_102_444_800_123L, new Heat.Idle(100_000)));
    writer.record(record(9, "c", -5, new Heat.Frequency(255)));
    writer.record(record(0, "d", -1, Heat.UNKNOWN));
    byte[] expected =
        RdbBytes.stream("REDIS0012")
            .aux("redis-ver", "8.0.6")
            .u8(245)
            .string("#!lua name=x\n")
            .u8(247, 1, 2, 1, 0)
            .db(0)
            .text("a", "value")
            .u8(252)
            .i64(4_102_444_800_123L)
            .u8(248)
            .length(100_000)
            .text("b", "value")
            .db(9)
            .u8(252)
            .i64(-5)
            .u8(249, 255)
            .text("c", "value")
            .db(0)
            .text("d", "value")
            .end();
    assertThat(writer.finish()).isEqualTo(expected.length);
    assertThat(out.toByteArray()).isEqualTo(expected);
    assertThat(writer.bytes()).isEqualTo(expected.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "REDIS0009",
        "REDIS0010",
        "REDIS0011",
        "REDIS0012",
        "REDIS0013",
        "REDIS0014",
        "REDIS0015",
        "VALKEY080"
      })
  void version_writable_isReadBack(String magic) throws IOException {
    RdbWriter writer = writer(RdbVersion.parse(magic));
    writer.record(record(0, "a", -1, Heat.UNKNOWN));
    writer.finish();
    assertThat(RdbItems.records(out.toByteArray()).getFirst().version().magic()).isEqualTo(magic);
  }

  @ParameterizedTest
  @ValueSource(strings = {"REDIS0008", "REDIS0016", "VALKEY079", "VALKEY081"})
  void version_notWritable_isRefused(String magic) {
    assertThat(RdbWriter.writable(RdbVersion.parse(magic))).isFalse();
    assertThatThrownBy(() -> writer(RdbVersion.parse(magic)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(magic);
  }

  @Test
  void resizeHint_isWrittenWhereItsDatabaseIsSelectedFirst() throws IOException {
    RdbWriter writer = writer(NEWEST);
    writer.resizeHint(0, 2, 1);
    writer.resizeHint(3, 20_000, 0);
    writer.record(record(3, "a", -1, Heat.UNKNOWN));
    writer.record(record(0, "b", -1, Heat.UNKNOWN));
    writer.record(record(3, "c", -1, Heat.UNKNOWN));
    writer.finish();
    byte[] expected =
        RdbBytes.stream("REDIS0012")
            .db(3)
            .u8(251)
            .length(20_000)
            .length(0)
            .text("a", "value")
            .db(0)
            .u8(251)
            .length(2)
            .length(1)
            .text("b", "value")
            .db(3)
            .text("c", "value")
            .end();
    assertThat(out.toByteArray()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS0012,25,REDIS0011",
    "REDIS0012,20,REDIS0010",
    "REDIS0012,24,VALKEY080",
    "VALKEY080,22,REDIS0012",
    "REDIS0012,6,REDIS0012",
    "REDIS0012,99,REDIS0012",
    "REDIS0012,-1,REDIS0012"
  })
  void record_thatTheVersionCannotHold_isRefusedAndNothingWritten(
      String written, int type, String target) throws IOException {
    RdbWriter writer = writer(RdbVersion.parse(target));
    Record impossible =
        new Record(
            0, key("k"), -1, Heat.UNKNOWN, type, RdbVersion.parse(written), ByteBuffer.allocate(1));
    long before = writer.bytes();
    assertThatThrownBy(() -> writer.record(impossible))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "record cannot be written: type=%d version=%s target=%s"
                .formatted(type, written, target));
    assertThat(writer.bytes()).isEqualTo(before);
    writer.record(record(0, "fits", -1, Heat.UNKNOWN));
    writer.finish();
    assertThat(RdbItems.records(out.toByteArray())).hasSize(1);
  }

  @Test
  void function_inAVersionWithoutThem_isRefused() {
    RdbWriter writer = writer(RdbVersion.redis(9));
    assertThatThrownBy(() -> writer.function(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void record_afterFinish_isRefused() throws IOException {
    RdbWriter writer = writer(NEWEST);
    writer.record(record(0, "a", -1, Heat.UNKNOWN));
    writer.finish();
    assertThatThrownBy(() -> writer.record(record(0, "b", -1, Heat.UNKNOWN)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void values_ofAnySize_throughAChannelThatTakesLittle_areWhole() throws IOException {
    Random random = RdbItems.random("RdbWriterTest");
    RdbWriter writer = new RdbWriter(new Reluctant(random), NEWEST);
    int[] sizes = {0, 1, 32_767, 32_768, 32_769, 262_140, 262_144, 300_000, 1_000_000, 5};
    for (int size : sizes) {
      byte[] text = new byte[size];
      random.nextBytes(text);
      ByteBuffer value = ByteBuffer.allocateDirect(size + 20);
      byte[] encoded = RdbBytes.value().string(text).bytes();
      value.put(7, encoded).position(7).limit(7 + encoded.length);
      writer.record(new Record(0, key("k" + size), -1, Heat.UNKNOWN, 0, NEWEST, value));
      assertThat(value.position()).isEqualTo(7);
    }
    writer.finish();
    List<Record> records = RdbItems.records(out.toByteArray());
    assertThat(records).hasSize(sizes.length);
    for (int i = 0; i < sizes.length; i++) {
      assertThat(RdbItems.text(records.get(i).key())).isEqualTo("k" + sizes[i]);
      assertThat(records.get(i).value().remaining()).isGreaterThan(sizes[i]);
    }
  }

  private RdbWriter writer(RdbVersion version) {
    return new RdbWriter(Channels.newChannel(out), version);
  }

  private static ByteBuffer key(String name) {
    return ByteBuffer.wrap(RdbBytes.ascii(name));
  }

  private static Record record(int database, String key, long expiryMillis, Heat heat) {
    ByteBuffer value = ByteBuffer.wrap(RdbBytes.value().string("value").bytes());
    return new Record(database, key(key), expiryMillis, heat, 0, RdbVersion.redis(6), value);
  }

  /// A channel that takes a part of what it is offered, or nothing.
  private final class Reluctant implements WritableByteChannel {
    private final Random random;

    Reluctant(Random random) {
      this.random = random;
    }

    @Override
    public int write(ByteBuffer source) {
      byte[] part = new byte[random.nextInt(Math.min(source.remaining(), 50_000) + 1)];
      source.get(part);
      out.writeBytes(part);
      return part.length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
