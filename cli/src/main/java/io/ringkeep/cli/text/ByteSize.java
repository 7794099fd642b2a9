package io.ringkeep.cli.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes.
///
/// @param bytes not negative
public record ByteSize(long bytes) {
  private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([A-Za-z]*)");
  private static final List<String> BINARY_UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");
  private static final List<String> DECIMAL_UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB");

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is not negative: bytes=" + bytes);
    }
  }

  /// Reads `4096`, `50MiB`, `1.5 GiB` (1024 each) or `50MB` (1000 each).
  ///
  /// @throws IllegalArgumentException if it is none of these, no whole number of bytes, or too
  ///   large
  public static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size such as 4096, 50MiB or 1.5GiB");
    }
    BigDecimal size = new BigDecimal(matcher.group(1)).multiply(unitBytes(matcher.group(2), text));
    try {
      return new ByteSize(size.setScale(0, RoundingMode.UNNECESSARY).longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no whole number of bytes below 8 EiB", e);
    }
  }

  private static BigDecimal unitBytes(String unit, String text) {
    if (unit.isEmpty()) {
      return BigDecimal.ONE;
    }
    int power = BINARY_UNITS.indexOf(unit);
    if (power >= 0) {
      return BigDecimal.valueOf(1024).pow(power);
    }
    power = DECIMAL_UNITS.indexOf(unit);
    if (power >= 0) {
      return BigDecimal.valueOf(1000).pow(power);
    }
    throw new IllegalArgumentException(
        "'%s' has no unit of bytes: write one of %s, %s"
            .formatted(
                text,
                String.join(", ", BINARY_UNITS),
                String.join(", ", DECIMAL_UNITS.subList(1, DECIMAL_UNITS.size()))));
  }

  /// `512.4 MiB`; whole numbers below one KiB.
  @Override
  public String toString() {
    int power = 0;
    double value = bytes;
    /* 1023.95 would be printed as 1024.0. */
    while (value >= 1023.95 && power < BINARY_UNITS.size() - 1) {
      value /= 1024;
      power++;
    }
    return power == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, "%.1f %s", value, BINARY_UNITS.get(power));
  }

  /// `bytes` in the form of [#toString()].
  public static String format(long bytes) {
    return new ByteSize(bytes).toString();
  }
}
