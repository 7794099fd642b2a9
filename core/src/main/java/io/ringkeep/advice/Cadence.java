package io.ringkeep.advice;

import java.time.Duration;

/// How often what is read from the cache.
///
/// `toString` is for people: `incremental every 6h`.
///
/// @param every between two snapshots
public record Cadence(Kind kind, Duration every) {
  /// Kinds of cadences, to ask for one of them.
  public enum Kind {
    /// `backup --full` each time: all records.
    FULL("full"),
    /// `backup`, which stores what changed since the last time; the first one is full.
    INCREMENTAL("incremental"),
    /// `archive`, which records every write, and `backup` for newer bases.
    ARCHIVE("continuous archive, a base");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  @Override
  public String toString() {
    return kind.words + " every " + text(every);
  }

  /// The largest unit that gives a whole number: `6h`.
  static String text(Duration time) {
    long seconds = time.toSeconds();
    if (time.toMillis() % 1_000 != 0) {
      return time.toMillis() + "ms";
    }
    if (seconds % 86_400 == 0 && seconds > 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0 && seconds > 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 && seconds > 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
