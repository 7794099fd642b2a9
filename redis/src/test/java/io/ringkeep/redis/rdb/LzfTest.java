package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LzfTest {
  @Test
  void decompress_everyKindOfToken_givesTheBytes() {
    assertThat(decompress("", 0)).isEmpty();
    assertThat(decompress("02 616263", 3)).isEqualTo("abc");
    assertThat(decompress("02 616263 20 02", 6)).isEqualTo("abcabc");
    assertThat(decompress("00 61 20 00", 4)).isEqualTo("aaaa");
    assertThat(decompress("02 616263 c0 02", 11)).isEqualTo("abcabcabcab");
    assertThat(decompress("01 6162 e0 00 01", 11)).isEqualTo("abababababa");
    assertThat(decompress("00 61 e0 ff 00", 265)).isEqualTo("a".repeat(265));
  }

  @Test
  void decompress_randomBytesInAnyBuffer_givesThemBack() {
    Random random = Seeds.random("lzf");
    for (int round = 0; round < Seeds.rounds(1000); round++) {
      byte[] bytes = bytes(random, random.nextInt(round % 20 == 0 ? 30_000 : 400));
      byte[] compressed = LzfCompressor.compress(bytes, random);
      int before = random.nextInt(10);
      ByteBuffer in = anyBuffer(before + compressed.length + random.nextInt(40), random);
      in.put(before, compressed);
      ByteBuffer out = anyBuffer(before + bytes.length + random.nextInt(300), random);
      Lzf.decompress(in, before, before + compressed.length, out, before, bytes.length);
      byte[] actual = new byte[bytes.length];
      out.get(before, actual);
      assertThat(actual).isEqualTo(bytes);
      assertThat(out.slice(0, before)).isEqualTo(ByteBuffer.allocate(before));
    }
  }

  @Test
  void decompressPieces_longerThanTheWindow_givesTheBytesInOrder() {
    Random random = Seeds.random("pieces");
    for (int length : new int[] {1, 8192, 65_271, 65_272, 65_536, 65_800, 1_000_000}) {
      byte[] bytes = bytes(random, length);
      byte[] compressed = LzfCompressor.compress(bytes, random);
      ByteBuffer in = anyBuffer(compressed.length, random).put(0, compressed);
      ByteBuffer window = anyBuffer(Lzf.WINDOW_BYTES + random.nextInt(300), random);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Lzf.decompressPieces(
          in,
          0,
          compressed.length,
          length,
          window,
          (piece, start, end) -> {
            byte[] part = new byte[end - start];
            piece.get(start, part);
            out.writeBytes(part);
          });
      assertThat(out.toByteArray()).isEqualTo(bytes);
    }
  }

  @Test
  void decompress_anotherLengthThanGiven_isDamage() {
    for (int length : new int[] {0, 4, 5, 7, 8}) {
      assertThatThrownBy(() -> decompress("02 616263 20 02", length))
          .isInstanceOf(CorruptData.class);
    }
  }

  @Test
  void decompress_cutOrReachingBehindItsStart_isDamage() {
    for (String damaged :
        new String[] {"02", "02 6162", "20", "e0", "00 61 e0 00", "20 00", "00 61 20 01"}) {
      for (int length : new int[] {1, 2, 3, 4, 10, 300}) {
        assertThatThrownBy(() -> decompress(damaged, length))
            .as("%s to %d bytes", damaged, length)
            .isInstanceOf(CorruptData.class);
      }
    }
  }

  @Test
  void decompress_referenceBehindTheOutputsOwnStart_isDamage() {
    ByteBuffer out = ByteBuffer.wrap("secret--".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer in = ByteBuffer.wrap(new byte[] {0x20, 0x02});
    assertThatThrownBy(() -> Lzf.decompress(in, 0, 2, out, 4, 3)).isInstanceOf(CorruptData.class);
  }

  /// Runs, repetitions near and far, and noise.
  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int run = Math.min(length - at, 1 + random.nextInt(300));
      int kind = random.nextInt(3);
      int distance = at == 0 ? 0 : 1 + random.nextInt(Math.min(at, 9000));
      for (int i = 0; i < run; i++, at++) {
        bytes[at] =
            kind == 0 || distance == 0
                ? (byte) random.nextInt(kind == 1 ? 3 : 256)
                : bytes[at - distance];
      }
    }
    return bytes;
  }

  private static ByteBuffer anyBuffer(int size, Random random) {
    ByteBuffer buffer =
        random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    return buffer.order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }

  private static String decompress(String hex, int length) {
    byte[] compressed = HexFormat.of().parseHex(hex.replace(" ", ""));
    ByteBuffer out = ByteBuffer.allocate(length);
    Lzf.decompress(ByteBuffer.wrap(compressed), 0, compressed.length, out, 0, length);
    return new String(out.array(), StandardCharsets.US_ASCII);
  }
}
