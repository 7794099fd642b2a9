package io.ringkeep.advice;

import java.time.Duration;

/// How often what is read from the cache.
///
/// `toString` is for people: `incremental every 6h`.
public sealed interface Cadence {
  /// Between two snapshots.
  Duration every();

  /// Kinds of cadences, to ask for one of them.
  enum Kind {
    /// `backup --full` each time.
    FULL,
    /// `backup`, which stores what changed.
    INCREMENTAL,
    /// `archive`, which records every write, and `backup` for newer bases.
    ARCHIVE
  }

  /// Which kind it is.
  Kind kind();

  /// All records each time.
  record Full(Duration every) implements Cadence {
    @Override
    public Kind kind() {
      return Kind.FULL;
    }

    @Override
    public String toString() {
      return "full every " + text(every);
    }
  }

  /// What changed since the last time; the first one is full.
  record Incremental(Duration every) implements Cadence {
    @Override
    public Kind kind() {
      return Kind.INCREMENTAL;
    }

    @Override
    public String toString() {
      return "incremental every " + text(every);
    }
  }

  /// Every write as it comes, and an incremental snapshot as a base now and then.
  record Continuous(Duration every) implements Cadence {
    @Override
    public Kind kind() {
      return Kind.ARCHIVE;
    }

    @Override
    public String toString() {
      return "continuous archive, a base every " + text(every);
    }
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
