package io.ringkeep.redis.rdb;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/// Writes a double of an array as a server shows it: digits that read back as the same number, and
/// `.0` behind a whole one.
///
/// Source: `arFormatFloat` in `sparsearray.c` of Redis 8.8, `d2string` in `util.c`,
/// `fpconv_dtoa.c`.
final class FloatText {
  /*
   * Servers take the digits from Grisu2 (Loitsch, "Printing floating-point numbers quickly and accurately with
   * integers", 2010), which for one in a hundred random doubles are not the fewest or not the nearest ones, as those
   * of Double.toString are. Clients see what Grisu2 gives, so that is what is done here, step by step.
   *
   * A number is f * 2^e with f of 64 bits, unsigned, its highest bit set. The number and the two halfway to its
   * neighbours are multiplied by a power of ten that brings e between -60 and -32. Then digits are taken from the
   * upper bound until what is left is within the bounds.
   */

  /// A number, and the exponent of two that belongs to it.
  private record Scaled(long fraction, int exponent) {
    /// The 64 upper bits of the product, rounded.
    Scaled times(Scaled other) {
      long low = fraction * other.fraction;
      long high = Math.unsignedMultiplyHigh(fraction, other.fraction);
      return new Scaled(low < 0 ? high + 1 : high, exponent + other.exponent + Long.SIZE);
    }
  }

  private static final int MOST_DIGITS = 18;
  private static final long HIDDEN_BIT = 1L << 52;
  private static final int EXPONENT_BIAS = 1075;

  private static final int LEAST_EXPONENT = -60;
  private static final int MOST_EXPONENT = -32;

  private static final int FIRST_POWER = -348;
  private static final int STEP = 8;
  private static final Scaled[] POWERS = new Scaled[87];
  private static final double LOG_10_OF_2 = 0.30102999566398114;

  /// Whole numbers up to here are written as such.
  private static final double MOST_WHOLE = 0x1p62;

  static {
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = powerOfTen(FIRST_POWER + i * STEP);
    }
  }

  private final byte[] digits = new byte[MOST_DIGITS];
  private int count;

  /// Power of ten of the last digit.
  private int power;

  private FloatText() {}

  /// The characters of `value`.
  static byte[] of(double value) {
    return text(value).getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
    }
    String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
    double magnitude = Math.abs(value);
    if (magnitude <= MOST_WHOLE && magnitude == (long) magnitude) {
      return sign + (long) magnitude + ".0";
    }
    FloatText number = new FloatText();
    number.digitsOf(magnitude);
    String text = number.withPoint();
    return sign + (text.contains(".") || text.contains("e") ? text : text + ".0");
  }

  /// `10^power`, rounded to 64 bits.
  private static Scaled powerOfTen(int power) {
    BigInteger ten = BigInteger.TEN.pow(Math.abs(power));
    // One bit more than wanted, to round by.
    int exponent = power >= 0 ? ten.bitLength() - 65 : -ten.bitLength() - 64;
    BigInteger wider =
        power < 0
            ? BigInteger.ONE.shiftLeft(-exponent).divide(ten)
            : exponent >= 0 ? ten.shiftRight(exponent) : ten.shiftLeft(-exponent);
    BigInteger fraction = wider.add(BigInteger.ONE).shiftRight(1);
    return new Scaled(fraction.longValue(), exponent + 1);
  }

  private void digitsOf(double magnitude) {
    long bits = Double.doubleToRawLongBits(magnitude);
    int biased = (int) (bits >>> 52);
    long fraction = (bits & (HIDDEN_BIT - 1)) + (biased == 0 ? 0 : HIDDEN_BIT);
    int exponent = Math.max(biased, 1) - EXPONENT_BIAS;
    Scaled upper = normalized((fraction << 1) + 1, exponent - 1);
    int nearer = fraction == HIDDEN_BIT ? 2 : 1;
    long below = (fraction << nearer) - 1;
    Scaled lower = new Scaled(below << (exponent - nearer - upper.exponent()), upper.exponent());
    int index = power(upper.exponent());
    Scaled factor = POWERS[index];
    Scaled high = upper.times(factor);
    power = -(FIRST_POWER + index * STEP);
    generate(
        normalized(fraction, exponent).times(factor).fraction(),
        high.fraction() - 1,
        lower.times(factor).fraction() + 1,
        -high.exponent());
  }

  private static Scaled normalized(long fraction, int exponent) {
    int shift = Long.numberOfLeadingZeros(fraction);
    return new Scaled(fraction << shift, exponent - shift);
  }

  /// Which power of ten brings an exponent into the range. Where two do, the estimate decides.
  private static int power(int exponent) {
    int estimate = (int) (-(exponent + POWERS.length) * LOG_10_OF_2);
    int index = (estimate - FIRST_POWER) / STEP;
    while (true) {
      int scaled = exponent + POWERS[index].exponent() + Long.SIZE;
      if (scaled < LEAST_EXPONENT) {
        index++;
      } else if (scaled > MOST_EXPONENT) {
        index--;
      } else {
        return index;
      }
    }
  }

  /// Digits of a number between `lower` and `upper` and near `exact`, all times `2^-shift`.
  private void generate(long exact, long upper, long lower, int shift) {
    long distance = upper - exact;
    long delta = upper - lower;
    long one = 1L << shift;
    long whole = upper >>> shift;
    long part = upper & (one - 1);
    int left = 10;
    for (long unit = 1_000_000_000; left > 0; unit /= 10) {
      digit((int) (whole / unit));
      whole %= unit;
      left--;
      long rest = (whole << shift) + part;
      if (Long.compareUnsigned(rest, delta) <= 0) {
        power += left;
        nearer(delta, rest, unit << shift, distance);
        return;
      }
    }
    for (long unit = 10; ; unit *= 10) {
      part *= 10;
      delta *= 10;
      left--;
      digit((int) (part >>> shift));
      part &= one - 1;
      if (Long.compareUnsigned(part, delta) < 0) {
        power += left;
        nearer(delta, part, one, distance * unit);
        return;
      }
    }
  }

  private void digit(int digit) {
    if (digit != 0 || count > 0) {
      digits[count++] = (byte) ('0' + digit);
    }
  }

  /// Lowers the last digit as long as that comes nearer to the exact number.
  private void nearer(long delta, long rest, long unit, long distance) {
    long at = rest;
    while (Long.compareUnsigned(at, distance) < 0
        && Long.compareUnsigned(delta - at, unit) >= 0
        && (Long.compareUnsigned(at + unit, distance) < 0
            || Long.compareUnsigned(distance - at, at + unit - distance) > 0)) {
      digits[count - 1]--;
      at += unit;
    }
  }

  private String withPoint() {
    String all = new String(digits, 0, count, StandardCharsets.US_ASCII);
    int exponent = power + count - 1;
    if (power >= 0 && exponent < count + 7) {
      return all + "0".repeat(power);
    }
    if (power < 0 && (power > -7 || Math.abs(exponent) < 4)) {
      int point = count + power;
      return point <= 0
          ? "0." + "0".repeat(-point) + all
          : all.substring(0, point) + "." + all.substring(point);
    }
    String point = count > 1 ? "." : "";
    String sign = exponent < 0 ? "-" : "+";
    return all.charAt(0) + point + all.substring(1) + "e" + sign + Math.abs(exponent);
  }
}
