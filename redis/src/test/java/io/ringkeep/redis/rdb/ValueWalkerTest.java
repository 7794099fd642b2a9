package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueWalkerTest {
  private static final RdbVersion REDIS = RdbVersion.redis(13);
  private static final int TYPE_22 = 22;

  private final ValueWalker walker = new ValueWalker();

  /// A value that a server wrote brings these calls.
  @Test
  void walk_streamOfRedis70_bringsEntriesThenStateThenGroups() {
    assertThat(walk(golden("stream, redis-7.0.15")))
        .containsExactly(
            "entry 1-1 2",
            "field a 1",
            "field b 2",
            "entry 5-0 1",
            "field c 5",
            "entry 10-0 2",
            "field a ",
            "field a twice",
            "state 3 10-0 1-1 9-9 5",
            "group g1 5-0 -1",
            "pending 1-1 1600000000000 3",
            "pending 5-0 1600000000001 1",
            "consumer alice *",
            "owns 1-1",
            "consumer bob *",
            "owns 5-0",
            "group g2 5-0 -1",
            "group g3 1-1 -1");
  }

  @Test
  void walk_streamOfRedis62_fillsInWhatItsVersionDidNotRecord() {
    assertThat(walk(golden("stream, redis-6.2.11")))
        .contains("state 3 10-0 1-1 0-0 3", "group g1 5-0 -1", "group g3 1-1 1");
    assertThat(walk(golden("empty, redis-6.2.11"))).containsExactly("state 0 1-1 0-0 0-0 0");
  }

  @Test
  void walk_streamOfRedis86_bringsItsProducers() {
    List<String> calls = walk(golden("stream, fourth form with producers"));
    assertThat(calls.subList(calls.size() - 4, calls.size()))
        .containsExactly(
            "producer p1", "sent i1 100-1", "sent i2 105-8", "idempotence 100 100 2 1");
    assertThat(walk(golden("stream, fourth form untouched")))
        .isEqualTo(walk(golden("stream, third form of the same")));
    assertThat(walk(golden("stream, fourth form configured"))).endsWith("idempotence 300 100 0 0");
  }

  @Test
  void walk_streamOfRedis88_bringsWhatConsumersHandedBack() {
    assertThat(walk(golden("stream, fifth form with entries handed back")))
        .endsWith(
            "group g 105-8 2",
            "pending 100-1 1600000000000 3",
            "pending 105-8 1600000000001 1",
            "consumer alice *",
            "owns 100-1",
            "unowned 105-8",
            "group idle 0-0 0");
    assertThat(walk(golden("stream, fifth form untouched")))
        .isEqualTo(walk(golden("stream, third form of the same")));
  }

  @Test
  void walk_type22_meansWhatItsFamilySays() {
    RdbBytes redis = RdbBytes.value().length(1).length(7).string("f").string("v");
    RdbBytes valkey = RdbBytes.value().length(1).string("f").string("v").i64(7);
    assertThat(walk(REDIS, TYPE_22, redis)).containsExactly("field f v 7");
    assertThat(walk(RdbVersion.valkey(80), TYPE_22, valkey)).containsExactly("field f v 7");
    assertThatThrownBy(() -> walk(RdbVersion.valkey(80), TYPE_22, redis))
        .isInstanceOf(CorruptData.class);
    assertThatThrownBy(() -> walk(RdbVersion.redis(11), TYPE_22, redis))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("type=22 version=REDIS0011");
  }

  @Test
  void walk_scoresInText_readsWhatServersWrite() {
    RdbBytes value = RdbBytes.value().length(5);
    value.string("a").u8(254).string("b").u8(255).string("c").u8(253);
    value.string("d").string("-0").string("e").string("1.0000000000000000e+17");
    assertThat(walk(REDIS, RdbType.ZSET.number(), value))
        .containsExactly(
            "member a Infinity",
            "member b -Infinity",
            "member c NaN",
            "member d -0.0",
            "member e 1.0E17");
  }

  @Test
  void walk_moduleValue_handsOverItsBytes() {
    RdbBytes value = RdbBytes.value().u8(7, 5, 1, 'x', 0);
    assertThat(walk(REDIS, RdbType.MODULE_2.number(), value))
        .containsExactly("module \u0007\u0005\u0001x\0");
  }

  @Test
  void walk_bytesBehindTheValue_areDamageAtTheirOffset() {
    assertThatThrownBy(
            () -> walk(REDIS, RdbType.STRING.number(), RdbBytes.value().string("abc").u8(0)))
        .isInstanceOf(CorruptData.class)
        .hasMessage(
            "value cannot be decoded: type=0 version=REDIS0013 bytes=5 offset=4:"
                + " bytes behind the value's end: count=1");
  }

  @Test
  void walk_absurdLengths_areDamageAndReserveNothing() {
    byte[] few = {1, 2, 3};
    for (long absurd : new long[] {4, 1L << 31, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      RdbBytes elements = RdbBytes.value().length64(absurd).raw(few);
      for (RdbType type :
          List.of(
              RdbType.STRING,
              RdbType.LIST,
              RdbType.SET,
              RdbType.ZSET,
              RdbType.ZSET_2,
              RdbType.HASH,
              RdbType.LIST_QUICKLIST,
              RdbType.LIST_QUICKLIST_2,
              RdbType.HASH_METADATA,
              RdbType.HASH_LISTPACK,
              RdbType.STREAM_LISTPACKS_3)) {
        assertDamaged(type, elements);
      }
      assertDamaged(RdbType.STRING, RdbBytes.value().u8(0xc3).length64(absurd).length(3).raw(few));
      assertDamaged(
          RdbType.STRING, RdbBytes.value().u8(0xc3).length(3).length64(absurd << 8).raw(few));
    }
  }

  @Test
  void walk_listpackWithAMemberWithoutScore_isDamage() {
    Packed packed = new Packed(new Random(0));
    RdbBytes odd = RdbBytes.value().string(packed.listpack(List.of("a", 1L, "b")));
    assertDamaged(RdbType.ZSET_LISTPACK, odd);
    assertDamaged(RdbType.HASH_LISTPACK, odd);
    assertDamaged(RdbType.HASH_LISTPACK_EX_PRE_GA, odd.length(1));
    assertDamaged(
        RdbType.HASH_LISTPACK_EX_PRE_GA,
        RdbBytes.value().string(packed.listpack(List.of("f", "v", "soon"))));
    assertDamaged(
        RdbType.ZSET_LISTPACK, RdbBytes.value().string(packed.listpack(List.of("a", "high"))));
  }

  @Test
  void walk_fieldExpiryOutOfRange_isDamage() {
    assertDamaged(
        RdbType.HASH_METADATA,
        RdbBytes.value().i64(Long.MAX_VALUE).length(1).length(9).string("f").string("v"));
    RdbBytes valkey = RdbBytes.value().length(1).string("f").string("v").i64(-2);
    assertThatThrownBy(() -> walk(RdbVersion.valkey(80), TYPE_22, valkey))
        .isInstanceOf(CorruptData.class);
  }

  /// The length behind an element takes more bytes from 127, 16383 and 2097151 bytes on.
  @Test
  void walk_listpackStringsAtEveryWidthOfTheLengthBehind_findsTheNext() {
    for (int seed = 0; seed < 8; seed++) {
      Packed packed = new Packed(new Random(seed));
      for (int edge : new int[] {127, 16383, 2097151}) {
        for (int length = edge - 8; length <= edge + 2; length++) {
          RdbBytes value = RdbBytes.value().length(1).length(2);
          value.string(packed.listpack(List.of("x".repeat(length), "next")));
          List<String> calls = walk(REDIS, RdbType.LIST_QUICKLIST_2.number(), value);
          assertThat(calls).hasSize(2).endsWith("element next");
          assertThat(calls.getFirst()).hasSize("element ".length() + length);
        }
      }
    }
  }

  @Test
  void walk_compactFormOfMoreThanABufferHolds_isDamageAndReservesNothing() {
    int compressedBytes = 25_000_000;
    RdbBytes value = RdbBytes.value().u8(0xc3).length(compressedBytes).length(1L << 31);
    assertDamaged(RdbType.HASH_LISTPACK, value.raw(new byte[compressedBytes]));
  }

  @Test
  void walk_listNodeOfUnknownForm_isDamage() {
    assertDamaged(RdbType.LIST_QUICKLIST_2, RdbBytes.value().length(1).length(3).string("x"));
  }

  @Test
  void walk_streamNodeWhoseCountsDoNotFit_isDamage() {
    for (long[] counts : new long[][] {{0, 0}, {2, 0}, {1, 1}, {-1, 2}, {Long.MAX_VALUE, 1}}) {
      List<Object> node = List.of(counts[0], counts[1], 1L, "n", 0L, 2L, 0L, 0L, "v", 4L);
      assertDamaged(RdbType.STREAM_LISTPACKS, stream(node));
    }
    List<Object> good = List.of(1L, 0L, 1L, "n", 0L, 2L, 0L, 0L, "v", 4L);
    assertThat(walk(REDIS, RdbType.STREAM_LISTPACKS.number(), stream(good)))
        .containsExactly("entry 0-0 1", "field n v", "state 1 0-0 0-0 0-0 1");
    assertDamaged(
        RdbType.STREAM_LISTPACKS,
        stream(List.of(1L, 0L, Long.MAX_VALUE, "n", 0L, 2L, 0L, 0L, "v", 4L)));
    assertDamaged(
        RdbType.STREAM_LISTPACKS, stream(List.of(1L, 0L, 1L, "n", 0L, 0L, 0L, 0L, -1L, 4L)));
  }

  private static RdbBytes stream(List<Object> node) {
    byte[] listpack = new Packed(new Random(0)).listpack(node);
    RdbBytes value = RdbBytes.value().length(1).string(new byte[16]).string(listpack);
    return value.length(1).length(0).length(0).length(0);
  }

  private void assertDamaged(RdbType type, RdbBytes value) {
    assertThatThrownBy(() -> walk(REDIS, type.number(), value))
        .as("%s", type)
        .isInstanceOf(CorruptData.class)
        .hasMessageStartingWith("value cannot be decoded: type=" + type.number());
  }

  private static Record golden(String name) {
    return GoldenRecord.all().stream()
        .filter(g -> g.name().equals(name) || g.name().startsWith(name + " "))
        .findFirst()
        .orElseThrow()
        .record();
  }

  private List<String> walk(RdbVersion version, int type, RdbBytes value) {
    ByteBuffer key = ByteBuffer.allocate(1);
    return walk(
        new Record(0, key, -1, Heat.UNKNOWN, type, version, ByteBuffer.wrap(value.bytes())));
  }

  /// The calls, without consumers' times: when they were seen depends on when the value was made.
  private List<String> walk(Record record) {
    RecordingVisitor visitor = new RecordingVisitor();
    walker.walk(record, visitor);
    List<String> calls = new ArrayList<>();
    for (String call : visitor.calls()) {
      calls.add(call.replaceFirst("^(consumer \\S+) .*", "$1 *"));
    }
    return calls;
  }
}
