package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The published vectors of SipHash-2-4-128: key 00 01 … 0f, input 00 01 … of every length up to
/// 63.
class SipHashTest {
  private static final HashKey KEY = HashKey.of(counting(16));

  @Test
  void finish_publishedInputs_givePublishedHashes() throws IOException {
    List<String> expected = vectors();
    assertThat(expected).hasSize(64);
    SipHash hash = new SipHash(KEY);
    for (int length = 0; length < 64; length++) {
      hash.reset().putBytes(ByteBuffer.wrap(counting(length)));
      assertThat(hex(hash)).as("length %d", length).isEqualTo(expected.get(length));
    }
  }

  @Test
  void putBytes_anyCutAndAnyBuffer_givesTheSameHash() throws IOException {
    List<String> expected = vectors();
    Random random = SeededRandom.create("SipHashTest");
    for (int round = 0; round < 3000; round++) {
      int length = random.nextInt(64);
      SipHash hash = new SipHash(KEY);
      int at = 0;
      while (at < length) {
        int end = at + 1 + random.nextInt(length - at);
        hash.putBytes(anyBuffer(counting(length), random), at + OFFSET, end + OFFSET);
        at = end;
      }
      assertThat(hex(hash)).as("length %d", length).isEqualTo(expected.get(length));
    }
  }

  @Test
  void putNumbers_mixedWithBytes_countAsTheirLittleEndianBytes() throws IOException {
    List<String> expected = vectors();
    Random random = SeededRandom.create("SipHashTest.numbers");
    for (int round = 0; round < 3000; round++) {
      int length = random.nextInt(64);
      ByteBuffer input = ByteBuffer.wrap(counting(length)).order(ByteOrder.LITTLE_ENDIAN);
      SipHash hash = new SipHash(KEY);
      while (input.hasRemaining()) {
        switch (random.nextInt(3)) {
          case 0 -> hash.putByte(input.get());
          case 1 -> {
            if (input.remaining() >= 4) {
              hash.putInt(input.getInt());
            }
          }
          default -> {
            if (input.remaining() >= 8) {
              hash.putLong(input.getLong());
            }
          }
        }
      }
      assertThat(hex(hash)).as("length %d", length).isEqualTo(expected.get(length));
    }
  }

  @Test
  void align_anyLength_feedsZerosUpToTheNextWord() {
    for (int length = 0; length < 64; length++) {
      byte[] padded = new byte[(length + 7) / 8 * 8];
      System.arraycopy(counting(length), 0, padded, 0, length);
      SipHash aligned = new SipHash(KEY).putBytes(ByteBuffer.wrap(counting(length))).align();
      SipHash zeros = new SipHash(KEY).putBytes(ByteBuffer.wrap(padded));
      assertThat(hex(aligned.putLong(7))).isEqualTo(hex(zeros.putLong(7)));
    }
  }

  @Test
  void putString_anyLengthAndAnyBuffer_feedsItsLengthItsBytesAndZeros() {
    Random random = SeededRandom.create("SipHashTest.strings");
    for (int round = 0; round < 3000; round++) {
      byte[] string = counting(random.nextInt(64));
      SipHash words =
          new SipHash(KEY).putLong(5).putLong(string.length).putBytes(ByteBuffer.wrap(string));
      SipHash whole =
          new SipHash(KEY)
              .putLong(5)
              .putString(anyBuffer(string, random), OFFSET, OFFSET + string.length);
      assertThat(hex(whole.putLong(6))).isEqualTo(hex(words.align().putLong(6)));
    }
  }

  @Test
  void putString_behindHalfAWord_isRefused() {
    SipHash hash = new SipHash(KEY).putInt(1);
    assertThatThrownBy(() -> hash.putString(ByteBuffer.allocate(4), 0, 4))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void resume_ofAHashThatWasFed_goesOnBehindItAndLeavesIt() {
    SipHash begun = new SipHash(KEY).putBytes(ByteBuffer.wrap(counting(13)));
    SipHash resumed = new SipHash(KEY).putLong(99).resume(begun).putInt(4);
    assertThat(hex(resumed))
        .isEqualTo(hex(new SipHash(KEY).putBytes(ByteBuffer.wrap(counting(13))).putInt(4)));
    assertThat(hex(begun)).isEqualTo(hex(new SipHash(KEY).putBytes(ByteBuffer.wrap(counting(13)))));
  }

  @Test
  void putBytes_wholeBuffer_leavesItsPositionAndTakesNoMore() throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(counting(40)).position(0).limit(23);
    SipHash hash = new SipHash(KEY).putBytes(buffer);
    assertThat(hex(hash)).isEqualTo(vectors().get(23));
    assertThat(buffer.position()).isZero();
    assertThat(buffer.limit()).isEqualTo(23);
  }

  @Test
  void reset_afterAnInput_forgetsIt() throws IOException {
    SipHash hash = new SipHash(KEY).putBytes(ByteBuffer.wrap(counting(13)));
    hash.finish();
    hash.reset().putBytes(ByteBuffer.wrap(counting(9)));
    assertThat(hex(hash)).isEqualTo(vectors().get(9));
  }

  private static final int OFFSET = 3;

  /// The bytes behind three others, in a heap or direct buffer of either order.
  private static ByteBuffer anyBuffer(byte[] bytes, Random random) {
    int size = bytes.length + OFFSET;
    ByteBuffer buffer =
        random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    buffer.put(OFFSET, bytes);
    return buffer.order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }

  private static byte[] counting(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static String hex(SipHash hash) {
    hash.finish();
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(hash.low()).putLong(hash.high());
    return HexFormat.of().formatHex(bytes.array());
  }

  private static List<String> vectors() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(SipHashTest.class.getResourceAsStream("/siphash-2-4-128.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }
}
