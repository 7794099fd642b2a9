package io.ringkeep.recover;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The moment that somebody wants back.
public sealed interface RecoveryTarget {
  /// What a server's clock showed.
  record At(Instant time) implements RecoveryTarget {}

  /// So many bytes of the stream, the newest history that has them.
  record Offset(long offset) implements RecoveryTarget {}

  /// So many bytes of the stream of each shard.
  ///
  /// @param offsets by the name of the shard's log, or its beginning
  record Offsets(Map<String, Long> offsets) implements RecoveryTarget {
    public Offsets {
      offsets = Map.copyOf(offsets);
    }
  }

  /// Right before a command that `log events` lists.
  ///
  /// @param replid the first digits of its history
  /// @param offset of its first byte
  record Before(String replid, long offset) implements RecoveryTarget {}

  /// What [#parse] reads again.
  default String text() {
    return switch (this) {
      case At(Instant time) -> time.toString();
      case Offset(long offset) -> "offset:" + offset;
      case Offsets(Map<String, Long> offsets) ->
          new TreeMap<>(offsets)
              .entrySet().stream()
                  .map(offset -> offset.getKey() + "=" + offset.getValue())
                  .collect(Collectors.joining(",", "offset:", ""));
      case Before(String replid, long offset) -> "before:%s-%016x".formatted(replid, offset);
    };
  }

  /// Reads `2026-11-22T10:15:00.250Z`, `2026-11-22T11:15:00+01:00`, `-15m`, `offset:4711`,
  /// `offset:SHARD=4711,SHARD=815` or `before:1a2b3c4d-00000000000012d7`.
  ///
  /// @param now what `-15m` counts from
  /// @param duration reads `15m`
  /// @throws InvalidRequest if it is none of these
  static RecoveryTarget parse(String text, Instant now, Function<String, Duration> duration) {
    try {
      if (text.startsWith("offset:") && text.contains("=")) {
        return offsets(text.substring("offset:".length()));
      }
      if (text.startsWith("offset:")) {
        return new Offset(Long.parseUnsignedLong(text.substring("offset:".length())));
      }
      if (text.startsWith("before:")) {
        return before(text.substring("before:".length()));
      }
      if (text.startsWith("-")) {
        return new At(now.minus(duration.apply(text.substring(1))));
      }
      return new At(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      throw new InvalidRequest(
          "not a moment: " + text,
          text.matches("[0-9]{4}-.*[0-9]")
              ? "a time needs its zone: %sZ or %s+01:00".formatted(text, text)
              : "write 2026-11-22T10:15:00.250Z, -15m, offset:N, or before:ID from 'log events'");
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(
          "not a moment: " + text,
          "write 2026-11-22T10:15:00.250Z, -15m, offset:N, or before:ID from 'log events'");
    }
  }

  private static Offsets offsets(String text) {
    Map<String, Long> offsets = new TreeMap<>();
    for (String one : text.split(",", -1)) {
      String[] parts = one.split("=", -1);
      if (parts.length != 2 || parts[0].isEmpty()) {
        throw new IllegalArgumentException(text);
      }
      offsets.put(parts[0], Long.parseUnsignedLong(parts[1]));
    }
    return new Offsets(offsets);
  }

  /// Reads the id of an event.
  static Before before(String id) {
    Matcher matcher = Pattern.compile("([0-9a-f]{8})-([0-9a-f]{16})").matcher(id);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(id);
    }
    return new Before(matcher.group(1), HexFormat.fromHexDigitsToLong(matcher.group(2)));
  }
}
