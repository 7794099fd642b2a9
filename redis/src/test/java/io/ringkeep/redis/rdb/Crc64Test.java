package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc64Test {
  @Test
  void update_checkWord_isThePublishedChecksum() {
    ByteBuffer word = ByteBuffer.wrap(RdbBytes.ascii("123456789"));
    assertThat(Crc64.update(0, word, 0, 9)).isEqualTo(0xe9c6d914c4b8d9caL);
  }

  @Test
  void update_anyLengthFromAnyStart_isWhatBitByBitGives() {
    Random random = RdbItems.random("Crc64Test");
    byte[] bytes = new byte[20_000];
    random.nextBytes(bytes);
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    for (int i = 0; i < 300; i++) {
      int start = random.nextInt(bytes.length);
      int end = start + random.nextInt(i < 100 ? 20 : bytes.length) % (bytes.length - start);
      long expected = RdbBytes.checksum(Arrays.copyOfRange(bytes, start, end));
      assertThat(Crc64.update(0, direct, start, end)).isEqualTo(expected);
      assertThat(Crc64.update(0, ByteBuffer.wrap(bytes), start, end)).isEqualTo(expected);
    }
  }

  @Test
  void update_inPieces_isTheChecksumOfTheWhole() {
    Random random = RdbItems.random("Crc64Test");
    byte[] bytes = new byte[50_000];
    random.nextBytes(bytes);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long crc = 0;
    int at = 0;
    while (at < bytes.length) {
      int end = Math.min(bytes.length, at + random.nextInt(12_000));
      crc = Crc64.update(crc, buffer, at, end);
      at = end;
    }
    assertThat(crc).isEqualTo(RdbBytes.checksum(bytes));
  }
}
