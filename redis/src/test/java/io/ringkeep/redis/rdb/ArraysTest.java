package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Record;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Arrays of Redis 8.8 are read from bytes made from the format: no server at hand writes them.
/// What must come out is what Redis's and librdb's own tests say of the same values.
class ArraysTest {
  private static final int ARRAY = 28;

  @Test
  void walk_elementOfEachTag_isWhatClientsRead() {
    List<String> expected =
        List.of(
            "at 0 this_is_a_long_sds_string_value_long_enough",
            "at 1 42",
            "at 2 1.5",
            "at 3 abc",
            "next 0");
    assertThat(walk(golden("array, each tag"))).isEqualTo(expected);
    assertThat(walk(golden("array, the same as strings"))).isEqualTo(expected);
  }

  @Test
  void walk_indexesAndNumbersAtTheirEdges_areUnsignedAndWhole() {
    assertThat(walk(golden("array, with gaps and inserted to")))
        .containsExactly("at 1000000 first", "at 1000100 mid", "at 1001000 third", "next 50");
    assertThat(walk(golden("array, inserted to the end")))
        .containsExactly("at 0 a", "at 1 b", "next 18446744073709551615");
    assertThat(walk(golden("array, numbers at their edges")))
        .containsExactly(
            "at 0 -1",
            "at 1 -2305843009213693952",
            "at 2 -0.0",
            "at 3 1234.5",
            "at 4 999999.0",
            "at 5 -9223372036854775808",
            "at 18446744073709551614 ",
            "next 1");
  }

  @Test
  void walk_indexThatStandsForNone_isNoInsertion() throws IOException {
    byte[] value = RdbBytes.value().length(1).length(1).length64(-1).u8(7, 3, 0).bytes();
    assertThat(walk(read(value))).containsExactly("at 7 ", "next 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"REDIS0014", "REDIS0015"})
  void array_amongOtherKeys_isCutOutWhole(String magic) throws IOException {
    byte[] value =
        RdbBytes.value()
            .length(4)
            .length(1)
            .length(9)
            .u8(0, 1)
            .i64(-7)
            .u8(1, 2)
            .f64(0.25)
            .u8(2, 3, 0xc0, 5)
            .length(300)
            .u8(0)
            .compressed(200)
            .bytes();
    byte[] stream = RdbBytes.stream(magic).db(0).key(ARRAY, "a", value).text("next", "v").end();
    for (int window = 16; window < 80; window += 3) {
      List<Record> records = RdbItems.records(RdbItems.of(stream, window, 1));
      assertThat(records).hasSize(2);
      assertThat(RdbItems.bytes(records.get(0).value())).isEqualTo(value);
      assertThat(walk(records.get(0)))
          .containsExactly(
              "at 0 -7", "at 1 0.25", "at 2 5", "at 300 " + "a".repeat(200), "next 10");
      assertThat(RdbItems.text(records.get(1).key())).isEqualTo("next");
    }
  }

  @Test
  void array_cutAtAnyByte_isNeverTaken() {
    byte[] value = RdbItems.bytes(golden("array, numbers at their edges").value());
    byte[] stream = RdbBytes.stream("REDIS0014").db(0).key(ARRAY, "a", value).end();
    for (int at = 0; at < stream.length; at++) {
      byte[] torn = Arrays.copyOf(stream, at);
      assertThatThrownBy(() -> RdbItems.of(torn)).isInstanceOf(CorruptData.class);
    }
  }

  @Test
  void array_withAFlagOrTagOrIndexThatDoesNotExist_isDamage() {
    assertThatThrownBy(() -> read(RdbBytes.value().length(1).u8(2, 0, 0, 0).bytes()))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("unknown flag of an array in RDB: offset=15 flag=2");
    assertThatThrownBy(() -> read(RdbBytes.value().length(1).u8(0, 0, 4, 0).bytes()))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("unknown element of an array in RDB: offset=17 tag=4");
    assertThatThrownBy(() -> walk(read(RdbBytes.value().u8(1, 0).length64(-1).u8(0, 0).bytes())))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("an array's index is out of range");
  }

  @Test
  void array_inAnOlderFile_isRefused() {
    byte[] value = RdbBytes.value().u8(1, 0, 0, 0, 0).bytes();
    byte[] stream = RdbBytes.stream("REDIS0013").db(0).key(ARRAY, "a", value).end();
    assertThatThrownBy(() -> RdbItems.of(stream)).isInstanceOf(UnsupportedFormat.class);
  }

  private static Record read(byte[] value) throws IOException {
    byte[] stream = RdbBytes.stream("REDIS0014").db(0).key(ARRAY, "a", value).end();
    return RdbItems.records(stream).getFirst();
  }

  private static Record golden(String name) {
    return GoldenRecord.all().stream()
        .filter(golden -> golden.name().equals(name))
        .findFirst()
        .orElseThrow()
        .record();
  }

  private static List<String> walk(Record record) {
    RecordingVisitor visitor = new RecordingVisitor();
    new ValueWalker().walk(record, visitor);
    return visitor.calls();
  }
}
