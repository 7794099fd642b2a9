package io.ringkeep.cli.text;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as people write and read them.
public final class DurationText {
  private static final Pattern PART = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  private DurationText() {}

  /// Reads `500ms`, `10s`, `15m`, `26h`, `7d`, or several of them with the largest first: `1h30m`.
  ///
  /// @throws IllegalArgumentException if it is none of these or beyond 100,000 days
  public static Duration parse(String text) {
    Matcher matcher = PART.matcher(text);
    Duration sum = Duration.ZERO;
    Duration lastUnit = Duration.ofDays(2);
    int end = 0;
    while (end < text.length()) {
      if (!matcher.find(end) || matcher.start() != end) {
        throw malformed(text);
      }
      Duration unit = UNITS.getOrDefault(matcher.group(2), Duration.ZERO);
      if (unit.compareTo(lastUnit) >= 0) {
        throw malformed(text);
      }
      lastUnit = unit;
      sum = add(sum, unit, Long.parseLong(matcher.group(1)), text);
      end = matcher.end();
    }
    if (end == 0) {
      throw malformed(text);
    }
    return sum;
  }

  private static Duration add(Duration sum, Duration unit, long count, String text) {
    Duration total = sum.plus(unit.multipliedBy(count));
    if (total.compareTo(Duration.ofDays(100_000)) > 0) {
      throw new IllegalArgumentException("'" + text + "' is beyond 100,000 days");
    }
    return total;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no duration such as 500ms, 10s, 15m, 26h, 7d or 1h30m");
  }

  /// The two largest units that say something: `412 ms`, `11.3 s`, `2 min 5 s`, `26 h 0 min`, `7 d
  /// 3 h`.
  public static String format(Duration duration) {
    Duration size = duration.abs();
    String sign = duration.isNegative() ? "-" : "";
    if (size.toMillis() < 1_000) {
      return sign + size.toMillis() + " ms";
    }
    if (size.toMillis() < 59_950) {
      return sign + String.format(Locale.ROOT, "%.1f s", size.toMillis() / 1_000.0);
    }
    long seconds = size.plusMillis(500).toSeconds();
    if (seconds < 3_600) {
      return sign + "%d min %d s".formatted(seconds / 60, seconds % 60);
    }
    long minutes = seconds / 60;
    if (minutes < 48 * 60) {
      return sign + "%d h %d min".formatted(minutes / 60, minutes % 60);
    }
    long hours = minutes / 60;
    return sign + "%d d %d h".formatted(hours / 24, hours % 24);
  }

  /// As a clock shows it: `0:07`, `12:30`, `3:05:00`.
  public static String clock(Duration duration) {
    long seconds = Math.max(0, duration.plusMillis(500).toSeconds());
    return seconds < 3_600
        ? "%d:%02d".formatted(seconds / 60, seconds % 60)
        : "%d:%02d:%02d".formatted(seconds / 3_600, seconds / 60 % 60, seconds % 60);
  }
}
