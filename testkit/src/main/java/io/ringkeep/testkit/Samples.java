package io.ringkeep.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/// Values of every kind that a server stores differently, drawn from a seed.
final class Samples {
  private static final String[] WORDS = {
    "order", "customer", "basket", "price", "stock", "night", "ring", "keep", "shop", "点心", "größe"
  };

  /// Integers on both sides of each border between widths that servers encode.
  static final List<Long> INTEGERS =
      List.of(
          0L,
          1L,
          -1L,
          12L,
          13L,
          127L,
          128L,
          -128L,
          -129L,
          4095L,
          4096L,
          -4096L,
          -4097L,
          32767L,
          32768L,
          -32768L,
          -32769L,
          8388607L,
          8388608L,
          -8388608L,
          -8388609L,
          2147483647L,
          2147483648L,
          -2147483648L,
          -2147483649L,
          Long.MAX_VALUE,
          Long.MIN_VALUE);

  /// Lengths on both sides of each border between forms of length that servers encode.
  static final List<Integer> LENGTHS =
      List.of(0, 1, 19, 20, 21, 43, 44, 45, 63, 64, 65, 253, 254, 255, 4095, 4096, 16383, 16384);

  private final Random random;

  Samples(Random random) {
    this.random = random;
  }

  int between(int lowest, int highest) {
    return lowest + random.nextInt(highest - lowest + 1);
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  long number() {
    // Small numbers are as likely as large ones.
    return random.nextLong() >> random.nextInt(64);
  }

  double score() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(1000);
      case 1 -> random.nextDouble();
      case 2 -> random.nextGaussian() * 1e12;
      default -> random.nextInt(100) / 4.0;
    };
  }

  /// Bytes that don't compress.
  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /// Words that compress well.
  byte[] text(int length) {
    StringBuilder text = new StringBuilder(length + 16);
    while (text.length() < length) {
      text.append(word()).append(' ');
    }
    return Arrays.copyOf(text.toString().getBytes(StandardCharsets.UTF_8), length);
  }

  String word() {
    return WORDS[random.nextInt(WORDS.length)];
  }

  /// A value as applications have them: a number, a few words, a document, rarely something large.
  byte[] value() {
    int kind = random.nextInt(100);
    if (kind < 20) {
      return Raw.bytes(Long.toString(number()));
    }
    if (kind < 60) {
      return text(between(1, 60));
    }
    if (kind < 90) {
      return Raw.bytes(
          "{\"id\":%d,\"name\":\"%s %s\",\"price\":%d.%02d,\"tags\":[\"%s\",\"%s\"]}"
              .formatted(
                  number(), word(), word(), between(0, 999), between(0, 99), word(), word()));
    }
    return kind < 99 ? bytes(between(1, 200)) : text(between(1000, 30_000));
  }

  /// Every byte there is, once.
  static byte[] allBytes() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  static <T> List<T> list(int count, IntFunction<T> item) {
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(item.apply(i));
    }
    return list;
  }
}
