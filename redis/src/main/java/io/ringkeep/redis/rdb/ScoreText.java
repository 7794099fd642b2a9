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
   * nearest double (Clinger, "How to read floating point numbers accurately", 1990). With more digits, up to the 17
   * that servers write, the quotient is at most two steps off. How far off is computed exactly, in integers: the
   * difference between digits and quotient times divisor is so small that its lower 64 bits say all. The rest is
   * left to Double.parseDouble, which is exact too, at ten times the cost.
   */
  private static final int MOST_DIGITS = 18;
  private static final int MOST_FRACTION_DIGITS = 22;
  private static final int MOST_BYTES = MOST_FRACTION_DIGITS + 3;
  private static final long EXACT = 1L << 53;

  /// The mantissa of a power of two: the next lower double is nearer than the next higher one.
  private static final long LEAST_MANTISSA = 1L << 52;

  private static final int EXPONENT_BIAS = 1075;

  private static final double[] POWERS_OF_TEN = new double[MOST_FRACTION_DIGITS + 1];
  private static final long[] POWERS_OF_FIVE = new long[MOST_FRACTION_DIGITS + 1];

  static {
    long five = 1;
    for (int i = 0; i <= MOST_FRACTION_DIGITS; i++) {
      POWERS_OF_FIVE[i] = five;
      // Both factors and the product are exact: 5^22 is below 2^53.
      POWERS_OF_TEN[i] = (double) five * (1L << i);
      five *= 5;
    }
  }

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
    int significant = 0;
    int fraction = 0;
    boolean point = false;
    boolean some = false;
    boolean plain = end - start <= MOST_BYTES;
    for (int at = negative ? start + 1 : start; plain && at < end; at++) {
      int c = buffer.get(at);
      if (c >= '0' && c <= '9') {
        digits = digits * 10 + (c - '0');
        significant += digits == 0 ? 0 : 1;
        fraction += point ? 1 : 0;
        some = true;
        plain = significant <= MOST_DIGITS;
      } else {
        plain = c == '.' && !point;
        point = true;
      }
    }
    if (plain && some && fraction <= MOST_FRACTION_DIGITS) {
      double score = quotient(digits, fraction);
      if (!Double.isNaN(score)) {
        return negative ? -score : score;
      }
    }
    return parseAny(new String(text.toBytes(), StandardCharsets.ISO_8859_1));
  }

  /// The double nearest to `digits` divided by ten to the power of `fraction`; NaN if that takes
  /// more than is done here.
  private static double quotient(long digits, int fraction) {
    double score = digits / POWERS_OF_TEN[fraction];
    if (digits <= EXACT || fraction == 0) {
      return score;
    }
    while (true) {
      long bits = Double.doubleToRawLongBits(score);
      long mantissa = (bits & (LEAST_MANTISSA - 1)) | LEAST_MANTISSA;
      int exponent = (int) (bits >>> 52) - EXPONENT_BIAS;
      // digits = mantissa * 2^exponent * 10^fraction + what is missing, all times 2^shift.
      int shift = -exponent - fraction;
      long step = shift >= 0 ? POWERS_OF_FIVE[fraction] : POWERS_OF_FIVE[fraction] << -shift;
      long scaled = shift <= 0 ? digits : shift < Long.SIZE ? digits << shift : 0;
      long twiceMissing = 2 * (scaled - mantissa * step);
      if (mantissa == LEAST_MANTISSA) {
        return Double.NaN;
      } else if (twiceMissing > step || (twiceMissing == step && (mantissa & 1) != 0)) {
        score = Math.nextUp(score);
      } else if (twiceMissing < -step || (twiceMissing == -step && (mantissa & 1) != 0)) {
        score = Math.nextDown(score);
      } else {
        return score;
      }
    }
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
