package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DumpPayloadTest {
  /// What Redis 7.0.15 answers to `SET k hello` and `DUMP k`.
  private static final String DUMP = "000568656c6c6f0a006372df766534200a";

  @Test
  void of_stringStampedAsTheServerDoes_isWhatDumpAnswers() {
    ByteBuffer payload = DumpPayload.of(record(0, "hello"), RdbVersion.redis(10));
    assertThat(HexFormat.of().formatHex(RdbItems.bytes(payload))).isEqualTo(DUMP);
  }

  @Test
  void putTrailer_apartFromTheValue_isTheSamePayload() {
    Record record = record(0, "hello");
    ByteBuffer whole = DumpPayload.of(record, RdbVersion.redis(10));
    ByteBuffer trailer = ByteBuffer.allocate(3 + DumpPayload.TRAILER_BYTES);
    DumpPayload.putTrailer(trailer, 3, record, RdbVersion.redis(10));
    int behind = whole.remaining() - DumpPayload.TRAILER_BYTES;
    assertThat(trailer.slice(3, DumpPayload.TRAILER_BYTES))
        .isEqualTo(whole.slice(behind, DumpPayload.TRAILER_BYTES));
    assertThat(DumpPayload.bytes(record.value().remaining())).isEqualTo(whole.remaining());
  }

  @Test
  void of_anotherStamp_changesVersionAndChecksumAlone() {
    byte[] newest = RdbItems.bytes(DumpPayload.of(record(0, "hello"), RdbVersion.redis(12)));
    byte[] oldest = RdbItems.bytes(DumpPayload.of(record(0, "hello"), RdbVersion.redis(9)));
    int body = newest.length - DumpPayload.TRAILER_BYTES;
    assertThat(oldest).startsWith(java.util.Arrays.copyOf(newest, body));
    assertThat(oldest[body]).isEqualTo((byte) 9);
    assertThat(newest[body]).isEqualTo((byte) 12);
    assertThat(RdbBytes.checksum(java.util.Arrays.copyOf(oldest, body + 2)))
        .isEqualTo(Long.reverseBytes(ByteBuffer.wrap(oldest).getLong(body + 2)));
  }

  @Test
  void stampFor_eachType_isTheOldestThatKnowsIt() {
    RdbVersion written = RdbVersion.redis(12);
    assertThat(DumpPayload.stampFor(written, 0)).isEqualTo(RdbVersion.redis(6));
    assertThat(DumpPayload.stampFor(written, 5)).isEqualTo(RdbVersion.redis(8));
    assertThat(DumpPayload.stampFor(written, 15)).isEqualTo(RdbVersion.redis(9));
    assertThat(DumpPayload.stampFor(written, 18)).isEqualTo(RdbVersion.redis(10));
    assertThat(DumpPayload.stampFor(written, 20)).isEqualTo(RdbVersion.redis(11));
    assertThat(DumpPayload.stampFor(written, 25)).isEqualTo(written);
    assertThat(DumpPayload.stampFor(RdbVersion.valkey(80), 21)).isEqualTo(RdbVersion.redis(11));
    assertThat(DumpPayload.stampFor(RdbVersion.valkey(80), 22)).isEqualTo(RdbVersion.valkey(80));
  }

  private static Record record(int type, String text) {
    return new Record(
        0,
        ByteBuffer.wrap(RdbBytes.ascii("k")),
        Record.NO_EXPIRY,
        Heat.UNKNOWN,
        type,
        RdbVersion.redis(12),
        ByteBuffer.wrap(RdbBytes.value().string(text).bytes()));
  }
}
