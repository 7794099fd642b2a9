package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Hashes of Redis 8.10 whose field names stand elsewhere become hashes that say them.
class HashTemplatesTest {
  private static final RdbVersion VERSION = RdbVersion.redis(15);
  private static final HashKey KEY = new HashKey(1, 2);
  private static final int TEMPLATE = 242;
  private static final int IN_LISTPACK = 30;
  private static final int IN_ARRAY = 32;

  private final Packed packed = new Packed(new Random(0));

  @Test
  void hashes_thatNameATemplate_sayTheirFields() throws IOException {
    List<Record> records = RdbItems.records(stream());
    assertThat(records).hasSize(4);
    for (Record record : records.subList(0, 3)) {
      assertThat(record.version()).isEqualTo(VERSION);
      assertThat(record.type()).isEqualTo(RdbType.HASH.number());
    }
    assertThat(fields(records.get(0))).containsExactly("field age 42 -1", "field email e@x -1");
    assertThat(fields(records.get(1))).containsExactly("field age 7 -1", "field email -8 -1");
    assertThat(fields(records.get(2))).containsExactly("field 1000 " + "a".repeat(90) + " -1");
    assertThat(RdbItems.text(records.get(3).key())).isEqualTo("next");
  }

  @Test
  void hash_thatNamesATemplate_hasTheFingerprintOfAnyOtherOfItsFields() throws IOException {
    Record templated = RdbItems.records(stream()).getFirst();
    RdbBytes plain = RdbBytes.value().string(packed.listpack(List.of("email", "e@x", "age", 42L)));
    byte[] other =
        RdbBytes.stream("REDIS0011")
            .db(0)
            .key(RdbType.HASH_LISTPACK.number(), "lp", plain.bytes())
            .end();
    RecordFingerprinter fingerprinter = new RecordFingerprinter(KEY);
    assertThat(fingerprinter.fingerprint(templated))
        .isEqualTo(fingerprinter.fingerprint(RdbItems.records(other).getFirst()));
  }

  @Test
  void hashes_byteByByteThroughAnyWindow_areTheSame() throws IOException {
    byte[] stream = stream();
    List<RdbItem> expected = RdbItems.of(stream);
    for (int window = 16; window < 140; window += 3) {
      assertThat(RdbItems.of(stream, window, 1)).isEqualTo(expected);
      assertThat(RdbItems.of(stream, window, 11)).isEqualTo(expected);
    }
  }

  @Test
  void stream_cutAtAnyByteOrWithAnyBitFlipped_isNeverTaken() {
    byte[] stream = stream();
    for (int at = 0; at < stream.length; at++) {
      byte[] torn = Arrays.copyOf(stream, at);
      assertThatThrownBy(() -> RdbItems.of(torn)).isInstanceOf(CorruptData.class);
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = stream.clone();
        flipped[at] ^= (byte) (1 << bit);
        assertThatThrownBy(() -> RdbItems.of(flipped))
            .as("byte %d bit %d", at, bit)
            .isInstanceOf(BackupException.class)
            .hasMessageContaining("offset=");
      }
    }
  }

  @Test
  void hash_ofATemplateThatIsNotThere_isDamageAtItsOffset() {
    byte[] listpack = packed.listpack(List.of(5L, "v"));
    assertDamaged(begun().key(IN_LISTPACK, "k", RdbBytes.value().string(listpack).bytes()), "5");
    assertDamaged(begun().key(IN_ARRAY, "k", RdbBytes.value().length(5).string("v").bytes()), "5");
  }

  @Test
  void template_withoutFieldsOrOfAnIdThatIsTaken_isDamage() {
    assertDamaged(begun().u8(TEMPLATE).length(0).length(0), "fields=0");
    RdbBytes twice = begun().u8(TEMPLATE).length(3).length(1).string("f");
    assertDamaged(twice.u8(TEMPLATE).length(3).length(1).string("g"), "id=3");
  }

  @Test
  void hash_withOtherThanItsTemplatesNumberOfValues_isDamage() {
    for (List<Object> values :
        List.<List<Object>>of(List.of(0L), List.of(0L, "a", "b"), List.of("x", "a"), List.of())) {
      byte[] listpack = packed.listpack(values);
      RdbBytes stream = begun().u8(TEMPLATE).length(0).length(1).string("f");
      assertDamaged(stream.key(IN_LISTPACK, "k", RdbBytes.value().string(listpack).bytes()), "");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {29, 31})
  void hashOfADump_inAnRdb_isRefused(int number) {
    byte[] stream = begun().u8(number).string("k").u8(0).string("").string("").end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("number=" + number + " version=REDIS0015");
  }

  @Test
  void dump_thatBringsItsFields_isAPlainHash() {
    RdbBytes listpack =
        RdbBytes.value()
            .u8(29, 0)
            .string(packed.listpack(List.of("field1", "field2")))
            .string(packed.listpack(List.of(0L, 1L, "two")));
    RdbBytes array =
        RdbBytes.value().u8(31, 1, 2).string("field1").string("field2").u8(0xc0, 1).string("two");
    for (RdbBytes payload : List.of(listpack, array)) {
      Record record = record(payload);
      assertThat(record.type()).isEqualTo(RdbType.HASH.number());
      assertThat(fields(record)).containsExactly("field field1 1 -1", "field field2 two -1");
    }
  }

  @Test
  void dump_whoseFieldsAndValuesDoNotFit_isDamage() {
    for (RdbBytes payload :
        List.of(
            RdbBytes.value().u8(31, 1, 0),
            RdbBytes.value().u8(31, 2, 0),
            RdbBytes.value().u8(31, 1, 1).string("f"),
            RdbBytes.value().u8(31, 1, 1).string("f").string("v").string("w"),
            RdbBytes.value().u8(29, 0).string(packed.listpack(List.of())).string(""),
            RdbBytes.value()
                .u8(29, 0)
                .string(packed.listpack(List.of("f")))
                .string(packed.listpack(List.of(0L, "v", "w"))))) {
      assertThatThrownBy(() -> record(payload)).isInstanceOf(CorruptData.class);
    }
  }

  private static Record record(RdbBytes payload) {
    byte[] stamped = Arrays.copyOf(payload.bytes(), payload.bytes().length + 10);
    ByteBuffer key = ByteBuffer.wrap(RdbBytes.ascii("k"));
    return DumpPayload.record(0, key, -1, ByteBuffer.wrap(stamped), VERSION);
  }

  private static void assertDamaged(RdbBytes stream, String what) {
    byte[] bytes = stream.end();
    assertThatThrownBy(() -> RdbItems.of(bytes))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("offset=")
        .hasMessageContaining(what);
  }

  private static List<String> fields(Record record) {
    RecordingVisitor visitor = new RecordingVisitor();
    new ValueWalker().walk(record, visitor);
    return visitor.calls();
  }

  private static RdbBytes begun() {
    return RdbBytes.stream(VERSION.magic());
  }

  /// Two templates, a hash of each form, a large value, and a key of another kind.
  private byte[] stream() {
    RdbBytes first = RdbBytes.value().string(packed.listpack(List.of(0L, 42L, "e@x")));
    RdbBytes second = RdbBytes.value().length(0).u8(0xc0, 7).string("-8");
    RdbBytes large = RdbBytes.value().length(300).string("a".repeat(90));
    return begun()
        .u8(TEMPLATE)
        .length(0)
        .length(2)
        .string("age")
        .string("email")
        .u8(TEMPLATE)
        .length(300)
        .length(1)
        .u8(0xc1)
        .i16(1000)
        .db(0)
        .key(IN_LISTPACK, "lp", first.bytes())
        .key(IN_ARRAY, "array", second.bytes())
        .key(IN_ARRAY, "large", large.bytes())
        .text("next", "")
        .end();
  }
}
