package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RdbLengthTest {
  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        63,
        64,
        255,
        256,
        16_383,
        16_384,
        65_536,
        0x7fff_ffffL,
        0xffff_ffffL,
        0x1_0000_0000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
      })
  void put_anyLength_isTheShortestFormAndReadsBack(long length) {
    byte[] expected = RdbBytes.value().length(length).bytes();
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(16).order(order);
      assertThat(RdbLength.put(buffer, 3, length)).isEqualTo(3 + expected.length);
      assertThat(RdbItems.bytes(buffer.slice(3, expected.length))).isEqualTo(expected);
      assertThat(RdbLength.get(buffer, 3)).isEqualTo(length);
      assertThat(RdbLength.bytes(expected[0] & 0xff)).isEqualTo(expected.length);
    }
  }

  @Test
  void get_longerFormThanNeeded_isTheSameLength() {
    assertThat(RdbLength.get(ByteBuffer.wrap(RdbBytes.value().length32(5).bytes()), 0))
        .isEqualTo(5);
    assertThat(RdbLength.get(ByteBuffer.wrap(RdbBytes.value().length64(5).bytes()), 0))
        .isEqualTo(5);
  }

  @Test
  void firstByte_decidesWhatItBegins() {
    for (int first = 0; first < 256; first++) {
      int bytes = first < 64 ? 1 : first < 128 ? 2 : first == 128 ? 5 : first == 129 ? 9 : 0;
      assertThat(RdbLength.bytes(first)).as("first byte %d", first).isEqualTo(bytes);
      assertThat(RdbLength.special(first)).isEqualTo(first >= 192);
    }
    assertThat(RdbLength.form(0xc3)).isEqualTo(RdbLength.LZF);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x82, 0xbf, 0xc0, 0xff})
  void get_whatIsNoLength_isRefused(int first) {
    ByteBuffer buffer = ByteBuffer.allocate(16).put(0, (byte) first);
    assertThatThrownBy(() -> RdbLength.get(buffer, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
