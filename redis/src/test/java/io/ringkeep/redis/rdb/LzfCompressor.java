package io.ringkeep.redis.rdb;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/// Compresses to LZF in no particular way: at each step a random choice among what the format
/// allows, so that a decompressor meets every token.
final class LzfCompressor {
  private LzfCompressor() {}

  static byte[] compress(byte[] bytes, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = 0;
    int literals = 0;
    while (at + literals < bytes.length) {
      int from = at + literals;
      int distance = distance(bytes, from, random);
      int length = distance == 0 ? 0 : matching(bytes, from, distance);
      if (length < 3 || random.nextInt(8) == 0) {
        literals++;
        continue;
      }
      literals(bytes, at, literals, out);
      literals = 0;
      length = random.nextInt(3) == 0 ? 3 + random.nextInt(length - 2) : length;
      reference(distance - 1, length - 2, out);
      at = from + length;
    }
    literals(bytes, at, literals, out);
    return out.toByteArray();
  }

  private static void literals(byte[] bytes, int from, int count, ByteArrayOutputStream out) {
    for (int at = from; at < from + count; at += 32) {
      int run = Math.min(32, from + count - at);
      out.write(run - 1);
      out.write(bytes, at, run);
    }
  }

  private static void reference(int offset, int length, ByteArrayOutputStream out) {
    if (length < 7) {
      out.write(length << 5 | offset >> 8);
    } else {
      out.write(7 << 5 | offset >> 8);
      out.write(length - 7);
    }
    out.write(offset);
  }

  /// How far back the three bytes at `from` stand: one of the places tried, or 0.
  private static int distance(byte[] bytes, int from, Random random) {
    int farthest = Math.min(from, 8192);
    for (int i = 0; i < 40 && farthest > 0; i++) {
      int distance = i < 20 ? Math.min(i + 1, farthest) : 1 + random.nextInt(farthest);
      if (matching(bytes, from, distance) >= 3) {
        return distance;
      }
    }
    return farthest == 8192 && matching(bytes, from, 8192) >= 3 ? 8192 : 0;
  }

  private static int matching(byte[] bytes, int from, int distance) {
    int length = 0;
    while (length < 264
        && from + length < bytes.length
        && bytes[from + length] == bytes[from + length - distance]) {
      length++;
    }
    return length;
  }
}
