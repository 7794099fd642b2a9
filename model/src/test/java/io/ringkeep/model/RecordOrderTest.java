package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordOrderTest {
  @Test
  void compare_positionsAboveTheSignBit_standBehindThoseBelow() {
    assertThat(compare(Position.first(16383), 0, "a", Position.first(1), 0, "a")).isPositive();
    assertThat(compare(-1, 0, "a", -2, 0, "a")).isPositive();
  }

  @Test
  void compare_onePosition_ordersByDatabaseThenKey() {
    assertThat(compare(7, 0, "b", 7, 1, "a")).isNegative();
    assertThat(compare(7, 3, "b", 7, 3, "a")).isPositive();
    assertThat(compare(7, 3, "ab", 7, 3, "a")).isPositive();
    assertThat(compare(7, 3, "", 7, 3, "a")).isNegative();
    assertThat(compare(7, 3, "ab", 7, 3, "ab")).isZero();
    assertThat(compare(7, 3, "\u00ff", 7, 3, "a")).isPositive();
  }

  @Test
  void compareKeys_randomKeysInAnyBuffer_orderAsUnsignedBytes() {
    Random random = SeededRandom.create("RecordOrderTest");
    for (int round = 0; round < 5000; round++) {
      byte[] key1 = key(random);
      byte[] key2 = random.nextInt(4) == 0 ? Arrays.copyOf(key1, random.nextInt(12)) : key(random);
      int expected = Integer.signum(Arrays.compareUnsigned(key1, key2));
      int actual = RecordOrder.compareKeys(1, anyBuffer(key1, random), 1, anyBuffer(key2, random));
      assertThat(Integer.signum(actual)).isEqualTo(expected);
    }
  }

  private static byte[] key(Random random) {
    byte[] key = new byte[random.nextInt(12)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(3) * 120);
    }
    return key;
  }

  /// The bytes between the position and the limit of a larger buffer.
  private static ByteBuffer anyBuffer(byte[] bytes, Random random) {
    int before = random.nextInt(9);
    int size = before + bytes.length + random.nextInt(9);
    ByteBuffer buffer =
        random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    return buffer.put(before, bytes).position(before).limit(before + bytes.length);
  }

  private static int compare(
      long position1, int database1, String key1, long position2, int database2, String key2) {
    return RecordOrder.compare(
        position1, database1, buffer(key1), position2, database2, buffer(key2));
  }

  private static ByteBuffer buffer(String key) {
    byte[] bytes = new byte[key.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) key.charAt(i);
    }
    return ByteBuffer.wrap(bytes);
  }
}
