package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbSamples.TypeOfVersion;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every value type: sliced where it ends, however it arrives, and never when it is damaged.
class RdbReaderTypesTest {
  static Stream<TypeOfVersion> types() {
    return RdbSamples.types().stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  void value_isSlicedWhereItEnds(TypeOfVersion type) throws IOException {
    byte[] value = RdbSamples.value(type.type());
    List<Record> records = RdbItems.records(stream(type, value));
    assertThat(records).hasSize(2);
    Record record = records.getFirst();
    assertThat(record.type()).isEqualTo(type.number());
    assertThat(record.version()).isEqualTo(type.version());
    assertThat(RdbItems.text(record.key())).isEqualTo("key");
    assertThat(RdbItems.bytes(record.value())).isEqualTo(value);
    assertThat(RdbItems.text(records.getLast().key())).isEqualTo("next");
  }

  @ParameterizedTest
  @MethodSource("types")
  void value_byteByByteThroughAnyWindow_isTheSame(TypeOfVersion type) throws IOException {
    byte[] stream = stream(type, RdbSamples.value(type.type()));
    List<RdbItem> expected = RdbItems.of(stream);
    assertThat(RdbItems.of(stream, 1 << 16, 1)).isEqualTo(expected);
    for (int window = 16; window < 140; window += 3) {
      assertThat(RdbItems.of(stream, window, 1)).isEqualTo(expected);
      assertThat(RdbItems.of(stream, window, 11)).isEqualTo(expected);
      assertThat(RdbItems.of(stream, window, 1000)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void stream_cutAtAnyByte_isDamageAtThatOffset(TypeOfVersion type) {
    byte[] stream = stream(type, RdbSamples.value(type.type()));
    for (int cut = 0; cut < stream.length; cut++) {
      byte[] torn = Arrays.copyOf(stream, cut);
      assertThatThrownBy(() -> RdbItems.of(torn))
          .as("cut at %d", cut)
          .isInstanceOf(CorruptData.class)
          .hasMessageStartingWith("RDB ends early: offset=" + cut + " missing=");
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void stream_withOneFlippedBitOrLengthOffByOne_isNeverTaken(TypeOfVersion type) {
    byte[] stream = stream(type, RdbSamples.value(type.type()));
    for (int at = 0; at < stream.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        expectRefusal(stream, at, (byte) (stream[at] ^ 1 << bit));
      }
      expectRefusal(stream, at, (byte) (stream[at] + 1));
      expectRefusal(stream, at, (byte) (stream[at] - 1));
    }
  }

  private static void expectRefusal(byte[] stream, int at, byte wrong) {
    byte[] damaged = stream.clone();
    damaged[at] = wrong;
    assertThatThrownBy(() -> RdbItems.of(damaged))
        .as("byte %d is %d", at, wrong)
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("offset=");
  }

  private static byte[] stream(TypeOfVersion type, byte[] value) {
    return RdbBytes.stream(type.version().magic())
        .db(0)
        .key(type.number(), "key", value)
        .text("next", "")
        .end();
  }
}
