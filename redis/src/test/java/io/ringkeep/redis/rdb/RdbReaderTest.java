package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.rdb.RdbItem.ChecksumState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdbReaderTest {
  private static final String NEWEST = "REDIS0012";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "REDIS0006",
        "REDIS0007",
        "REDIS0008",
        "REDIS0009",
        "REDIS0010",
        "REDIS0011",
        "REDIS0012",
        "REDIS0013",
        "REDIS0014",
        "REDIS0015",
        "VALKEY080"
      })
  void version_known_isRead(String magic) throws IOException {
    byte[] stream = RdbBytes.stream(magic).db(0).text("k", "v").end();
    try (RdbReader reader = new RdbReader(new RdbItems.Pieces(stream, 7))) {
      assertThat(reader.version()).isEqualTo(RdbVersion.parse(magic));
      assertThat(reader.offset()).isEqualTo(9);
    }
    List<RdbItem> items = RdbItems.of(stream);
    Record record = RdbItems.records(items).getFirst();
    assertThat(record.version()).isEqualTo(RdbVersion.parse(magic));
    assertThat(record.database()).isZero();
    assertThat(RdbItems.text(record.key())).isEqualTo("k");
    assertThat(RdbItems.bytes(record.value())).containsExactly(1, 'v');
    assertThat(items.getLast()).isEqualTo(new RdbItem.End(ChecksumState.VERIFIED, stream.length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"REDIS0016", "REDIS9999", "VALKEY081", "VALKEY079", "VALKEY999"})
  void version_unknown_isRefusedByName(String magic) {
    byte[] stream = RdbBytes.stream(magic).end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining(
            "offset=0 version=" + magic + " known=REDIS0001 to REDIS0015, VALKEY080");
  }

  @ParameterizedTest
  @ValueSource(strings = {"REDIS000", "*3\r\n$3\r\nSET", "REDISabcd", "VALKEY000", "REDIS0000x"})
  void magic_ofSomethingElse_isDamage(String start) {
    assertThatThrownBy(() -> RdbItems.of(RdbBytes.ascii(start)))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("offset=");
  }

  @Test
  void version4_hasNoChecksum() throws IOException {
    byte[] stream = RdbBytes.stream("REDIS0004").db(0).text("k", "v").u8(255).bytes();
    assertThat(RdbItems.of(stream).getLast())
        .isEqualTo(new RdbItem.End(ChecksumState.ABSENT, stream.length));
  }

  @Test
  void checksum_zero_isRecordedAsAbsent() throws IOException {
    byte[] stream = RdbBytes.stream(NEWEST).db(0).text("k", "v").endWithoutChecksum();
    assertThat(RdbItems.of(stream).getLast())
        .isEqualTo(new RdbItem.End(ChecksumState.ABSENT, stream.length));
  }

  @Test
  void checksum_different_isDamage() {
    byte[] stream = RdbBytes.stream(NEWEST).db(0).text("k", "v").end();
    stream[stream.length - 1] ^= 1;
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(CorruptData.class)
        .hasMessageMatching(
            "RDB checksum mismatch: offset=17 expected=[0-9a-f]{16} actual=[0-9a-f]{16}");
  }

  @Test
  void bytesBehindTheEnd_areDamage() {
    byte[] stream = RdbBytes.stream(NEWEST).end();
    byte[] longer = RdbBytes.value().raw(stream).u8('*').bytes();
    assertThatThrownBy(() -> RdbItems.of(longer))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("offset=" + stream.length);
  }

  @Test
  void next_afterTheEnd_isRefused() throws IOException {
    RdbReader reader = new RdbReader(new RdbItems.Pieces(RdbBytes.stream(NEWEST).end(), 100));
    assertThat(reader.next()).isInstanceOf(RdbItem.End.class);
    assertThatThrownBy(reader::next).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void next_afterDamage_isRefused() throws IOException {
    byte[] stream = RdbBytes.stream(NEWEST).db(0).u8(99).end();
    RdbReader reader = new RdbReader(new RdbItems.Pieces(stream, 100));
    assertThatThrownBy(reader::next).isInstanceOf(UnsupportedFormat.class);
    assertThatThrownBy(reader::next).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void expiry_inMillisecondsAndSeconds_belongsToTheNextKeyAlone() throws IOException {
    byte[] stream =
        RdbBytes.stream(NEWEST)
            .db(0)
            .u8(252)
            .i64(4_102_444_800_123L)
            .text("a", "")
            .u8(253)
            .i32(2_000_000_000)
            .text("b", "")
            .text("c", "")
            .u8(252)
            .i64(-5)
            .text("d", "")
            .end();
    assertThat(RdbItems.records(stream))
        .extracting(Record::expiryMillis)
        .containsExactly(4_102_444_800_123L, 2_000_000_000_000L, Record.NO_EXPIRY, -5L);
  }

  @Test
  void heat_ofEitherKind_belongsToTheNextKeyAlone() throws IOException {
    byte[] stream =
        RdbBytes.stream(NEWEST)
            .db(0)
            .u8(248)
            .length(100_000)
            .text("a", "")
            .u8(249, 255)
            .text("b", "")
            .text("c", "")
            .u8(252)
            .i64(7)
            .u8(249, 3)
            .text("d", "")
            .end();
    assertThat(RdbItems.records(stream))
        .extracting(Record::heat)
        .containsExactly(
            new Heat.Idle(100_000), new Heat.Frequency(255), Heat.UNKNOWN, new Heat.Frequency(3));
    assertThat(RdbItems.records(stream).getLast().expiryMillis()).isEqualTo(7);
  }

  @Test
  void databases_thatAlternate_areFollowed() throws IOException {
    byte[] stream =
        RdbBytes.stream(NEWEST)
            .text("none selected", "")
            .db(3)
            .text("a", "")
            .db(0)
            .text("b", "")
            .db(3)
            .db(16_000)
            .text("c", "")
            .end();
    assertThat(RdbItems.records(stream))
        .extracting(Record::database)
        .containsExactly(0, 3, 0, 16_000);
  }

  @Test
  void aux_inEachStringForm_isPlainBytes() throws IOException {
    byte[] stream =
        RdbBytes.stream(NEWEST)
            .aux("redis-ver", "8.0.6")
            .u8(250)
            .string("repl-stream-db")
            .u8(0xc0, 0xff)
            .u8(250)
            .string("repl-offset")
            .u8(0xc1)
            .i16(-12345)
            .u8(250)
            .string("ctime")
            .u8(0xc2)
            .i32(Integer.MIN_VALUE)
            .u8(250)
            .compressed(20)
            .compressed(265)
            .end();
    List<RdbItem> items = RdbItems.of(stream);
    assertThat(items)
        .startsWith(
            aux("redis-ver", "8.0.6"),
            aux("repl-stream-db", "-1"),
            aux("repl-offset", "-12345"),
            aux("ctime", "-2147483648"),
            aux("a".repeat(20), "a".repeat(265)));
  }

  @Test
  void key_inEachStringForm_isPlainBytes() throws IOException {
    byte[] stream =
        RdbBytes.stream(NEWEST)
            .db(0)
            .u8(0, 0)
            .string("empty name")
            .u8(0, 0xc0, 42)
            .string("")
            .u8(0, 0xc1)
            .i16(-300)
            .string("")
            .u8(0, 0xc2)
            .i32(1_000_000)
            .string("")
            .u8(0)
            .compressed(100)
            .string("")
            .u8(0)
            .length32(4)
            .raw((byte) 0, (byte) -1, (byte) '\r', (byte) '\n')
            .string("")
            .end();
    List<Record> records = RdbItems.records(stream);
    assertThat(records.subList(0, 5))
        .extracting(record -> RdbItems.text(record.key()))
        .containsExactly("", "42", "-300", "1000000", "a".repeat(100));
    assertThat(RdbItems.bytes(records.get(5).key())).containsExactly(0, -1, '\r', '\n');
  }

  @Test
  void value_inAnyForm_isHandedOnAsItStands() throws IOException {
    byte[] value = RdbBytes.value().compressed(200).bytes();
    byte[] stream = RdbBytes.stream(NEWEST).db(0).key(0, "k", value).end();
    assertThat(RdbItems.bytes(RdbItems.records(stream).getFirst().value())).isEqualTo(value);
  }

  @Test
  void function_plainOrCompressed_isItsCode() throws IOException {
    byte[] stream =
        RdbBytes.stream("REDIS0010").u8(245).string("#!lua name=x\n").u8(245).compressed(60).end();
    List<RdbItem> items = RdbItems.of(stream);
    assertThat(items)
        .startsWith(
            new RdbItem.FunctionLibrary(ByteBuffer.wrap(RdbBytes.ascii("#!lua name=x\n"))),
            new RdbItem.FunctionLibrary(ByteBuffer.wrap(RdbBytes.ascii("a".repeat(60)))));
  }

  @Test
  void functionOfReleaseCandidate_isRefusedByName() {
    byte[] stream = RdbBytes.stream("REDIS0010").u8(246).string("x").end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessage(
            "function library of Redis 7.0 release candidates:"
                + " offset=9 number=246 version=REDIS0010");
  }

  @Test
  void moduleAux_isNamedAndKeptWhole() throws IOException {
    // "test-mod1" in 6 bits a character, encoding version 7.
    byte[] raw =
        RdbBytes.value()
            .length64(moduleId("test-mod1", 7))
            .u8(2)
            .length(1)
            .u8(5)
            .string("some text")
            .u8(1)
            .length(-1)
            .u8(3)
            .i32(1)
            .u8(4)
            .f64(1)
            .u8(0)
            .bytes();
    byte[] stream = RdbBytes.stream(NEWEST).u8(247).raw(raw).db(0).text("k", "").end();
    List<RdbItem> items = RdbItems.of(stream);
    assertThat(items.getFirst())
        .isEqualTo(new RdbItem.ModuleAux("test-mod1", ByteBuffer.wrap(raw)));
    assertThat(RdbItems.records(items)).hasSize(1);
  }

  @Test
  void moduleData_withUnknownPart_isDamage() {
    byte[] stream = RdbBytes.stream(NEWEST).u8(247).length(1).u8(2).length(1).u8(6).u8(0).end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(CorruptData.class)
        .hasMessage("unknown part of module data in RDB: offset=13 kind=6");
  }

  @Test
  void hints_areHandedOn() throws IOException {
    byte[] stream =
        RdbBytes.stream(NEWEST)
            .db(2)
            .u8(251)
            .length(5_000_000_000L)
            .length(70)
            .u8(244)
            .length(16_383)
            .length(9)
            .length(1)
            .end();
    assertThat(RdbItems.of(stream))
        .startsWith(
            new RdbItem.ResizeHint(2, 5_000_000_000L, 70), new RdbItem.SlotInfo(16_383, 9, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {248, 251, 244})
  void amount_beyondAnyAmount_isDamage(int opcode) {
    byte[] stream = RdbBytes.stream(NEWEST).u8(opcode).length(-1).length(-1).length(-1).end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(CorruptData.class)
        .hasMessageMatching("impossible (amount|slot) in RDB: offset=10 .*=18446744073709551615");
  }

  @Test
  void opcode243_inValkey_isSlotImport() throws IOException {
    byte[] stream =
        RdbBytes.stream("VALKEY080")
            .u8(243)
            .string("0123456789012345678901234567890123456789")
            .length(2)
            .length(0)
            .length(99)
            .length(16_383)
            .length(16_383)
            .end();
    assertThat(RdbItems.of(stream).getFirst())
        .isEqualTo(
            new RdbItem.SlotImport(
                "0123456789012345678901234567890123456789",
                List.of(new SlotRange(0, 99), new SlotRange(16_383, 16_383))));
  }

  @ParameterizedTest
  @CsvSource({"5,4", "16384,16384", "0,16384"})
  void slotImport_ofImpossibleSlots_isDamage(int first, int last) {
    byte[] stream =
        RdbBytes.stream("VALKEY080")
            .u8(243)
            .string("job")
            .length(1)
            .length(first)
            .length(last)
            .end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("offset=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"REDIS0011", "REDIS0012", "REDIS0013", "REDIS0015"})
  void opcode243_inRedis_isRefused(String magic) {
    byte[] stream = RdbBytes.stream(magic).db(0).u8(243, 1).i32(0).u8(0).text("k", "").end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("module data attached to a key")
        .hasMessageContaining("offset=11 number=243 version=" + magic);
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS0012,8",
    "REDIS0012,26",
    "REDIS0012,27",
    "REDIS0012,100",
    "REDIS0012,242",
    "REDIS0011,22",
    "REDIS0011,24",
    "REDIS0011,25",
    "REDIS0013,27",
    "REDIS0013,28",
    "REDIS0013,242",
    "REDIS0015,8",
    "REDIS0015,34",
    "REDIS0015,241",
    "VALKEY080,8",
    "VALKEY080,23",
    "VALKEY080,24",
    "VALKEY080,25",
    "VALKEY080,26",
    "VALKEY080,242"
  })
  void type_unknownToTheVersion_isRefusedWithOffset(String magic, int number) {
    byte[] stream = RdbBytes.stream(magic).db(0).u8(number).string("k").string("v").end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("offset=11 number=" + number + " version=" + magic);
  }

  @Test
  void moduleOfReleaseCandidate_isRefusedByName() {
    byte[] stream = RdbBytes.stream("REDIS0008").db(0).u8(6).string("k").string("v").end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("module value of Redis 4.0 release candidates: offset=");
  }

  @Test
  void lzf_thatClaimsTooMuch_isDamageBeforeItIsAllocated() {
    byte[] stream =
        RdbBytes.stream(NEWEST)
            .db(0)
            .u8(0, 0xc3)
            .length(5)
            .length(2_000_000_000)
            .u8(0, 'a', 0xe0, 1, 0)
            .end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(CorruptData.class)
        .hasMessageStartingWith("impossible LZF string in RDB: offset=");
  }

  @Test
  void lzf_thatIsDamaged_isReportedWhereItStands() {
    byte[] stream =
        RdbBytes.stream(NEWEST).db(0).u8(0, 0xc3).length(5).length(50).u8(0, 'a', 0xe0, 1, 0).end();
    assertThatThrownBy(() -> RdbItems.of(stream))
        .isInstanceOf(CorruptData.class)
        .hasMessage("damaged LZF string in RDB: offset=15 compressed=5 bytes=50");
  }

  private static RdbItem aux(String name, String value) {
    return new RdbItem.Aux(name, ByteBuffer.wrap(RdbBytes.ascii(value)));
  }

  private static long moduleId(String name, int encodingVersion) {
    String characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    long id = 0;
    for (int i = 0; i < name.length(); i++) {
      id = id << 6 | characters.indexOf(name.charAt(i));
    }
    return id << 10 | encodingVersion;
  }
}
