package io.ringkeep.cli.text;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/// Moments as people write them.
public final class TimeText {
  private static final Pattern ZONED =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d)");
  private static final Pattern UNZONED =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?)?");
  private static final long REST_OF_SECOND_MILLIS = 999;

  private TimeText() {}

  /// Reads `-15m` (before `now`), `2026-11-28T03:15:01Z`, `2026-11-28 03:15Z` or
  /// `2026-11-28T04:15+01:00`.
  ///
  /// A time without fractions of a second means all of that second, since times are shown so.
  ///
  /// @throws IllegalArgumentException if it is none of these, or has no zone
  public static Instant parse(String text, Instant now) {
    if (text.startsWith("-")) {
      return now.minus(DurationText.parse(text.substring(1)));
    }
    if (UNZONED.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'%s' has no zone: add Z for UTC, or an offset such as +08:00".formatted(text));
    }
    if (!ZONED.matcher(text).matches()) {
      throw malformed(text);
    }
    try {
      Instant instant = OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
      return text.contains(".") ? instant : instant.plusMillis(REST_OF_SECOND_MILLIS);
    } catch (DateTimeParseException e) {
      throw malformed(text);
    }
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no time such as 2026-11-28T03:15:01Z or -15m");
  }
}
