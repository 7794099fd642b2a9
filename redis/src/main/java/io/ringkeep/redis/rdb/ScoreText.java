package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Reads the text of a sorted set's score, as a server's `strtod` would.
///
/// Servers write `%.17g` or the shortest digits that read back as the same number, and `inf`,
/// `-inf`, `nan`; nothing else is taken.
final class ScoreText {
  /*
   * Digits that make up an integer below 2^53, divided by a power of ten that a double holds exactly, give the
   * nearest double (Clinger, "How to read floating point numbers accurately", 1990). That is most scores, without
   * an object. The rest is left to Double.parseDouble, which is exact too.
   */
  private static final int MOST_EXACT_DIGITS = 15;

  private static final double[] POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

  private ScoreText() {}

  /// The number that `text` stands for.
  ///
  /// @throws CorruptData if it is none
  static double parse(Element text) {
    ByteBuffer buffer = text.buffer();
    int start = text.start();
    int end = text.end();
    boolean negative = start < end && buffer.get(start) == '-';
    long digits = 0;
    int digitCount = 0;
    int fractionDigits = -1;
    boolean plain = end - start <= MOST_EXACT_DIGITS + 2;
    for (int at = negative ? start + 1 : start; plain && at < end; at++) {
      int c = buffer.get(at);
      if (c == '.' && fractionDigits < 0) {
        fractionDigits = 0;
      } else if (c >= '0' && c <= '9') {
        digits = digits * 10 + (c - '0');
        digitCount++;
        fractionDigits += fractionDigits < 0 ? 0 : 1;
      } else {
        plain = false;
      }
    }
    if (plain && digitCount > 0 && digitCount <= MOST_EXACT_DIGITS) {
      double score = digits / POWERS_OF_TEN[Math.max(fractionDigits, 0)];
      return negative ? -score : score;
    }
    return parseAny(new String(text.toBytes(), StandardCharsets.ISO_8859_1));
  }

  private static double parseAny(String text) {
    return switch (text) {
      case "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan", "-nan" -> Double.NaN;
      default -> parseDigits(text);
    };
  }

  private static double parseDigits(String text) {
    // parseDouble would also take blanks, "Infinity", "1f" and hexadecimal digits.
    if (!text.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0)) {
      throw new CorruptData("a score is not a number: bytes=" + text.length(), null, null);
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new CorruptData("a score is not a number: bytes=" + text.length(), null, e);
    }
  }
}
