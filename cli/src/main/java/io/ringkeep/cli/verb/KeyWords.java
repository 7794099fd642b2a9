package io.ringkeep.cli.verb;

import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.LogicalType;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/// Words for what a key is, shared by the commands that look into snapshots.
final class KeyWords {
  private KeyWords() {}

  /// `3 fields`, `12 B`.
  static String size(LogicalType type, long elements) {
    return switch (type) {
      case STRING, MODULE -> ByteSize.format(elements);
      case LIST, ARRAY -> Text.count(elements, "element");
      case SET, SORTED_SET -> Text.count(elements, "member");
      case HASH -> Text.count(elements, "field");
      case STREAM -> elements == 1 ? "1 entry" : Text.count(elements) + " entries";
    };
  }

  /// `expires 2026-12-01 10:00:00Z (in 2 d 3 h)`, or that it does not.
  static String expiry(long expiryMillis, Instant now) {
    if (expiryMillis == Record.NO_EXPIRY) {
      return "no expiry";
    }
    Duration left = Duration.ofMillis(expiryMillis - now.toEpochMilli());
    return left.isNegative() || left.isZero()
        ? "expired %s (%s ago)".formatted(time(expiryMillis), DurationText.format(left.abs()))
        : "expires %s (in %s)".formatted(time(expiryMillis), DurationText.format(left));
  }

  /// The moment in UTC; a number where no calendar reaches.
  static String time(long millis) {
    try {
      Instant instant = Instant.ofEpochMilli(millis);
      return millis > 253_402_300_799_999L ? millis + " ms" : Text.time(instant);
    } catch (DateTimeException e) {
      return millis + " ms";
    }
  }

  /// A score as a server writes it: shortest digits that give it back.
  static String score(double score) {
    if (Double.isInfinite(score)) {
      return score > 0 ? "inf" : "-inf";
    }
    return score == Math.rint(score) && Math.abs(score) < 1e17
        ? Long.toString((long) score)
        : Double.toString(score);
  }
}
