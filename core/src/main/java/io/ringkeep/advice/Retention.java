package io.ringkeep.advice;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which snapshots are kept, as options of `forget`.
public enum Retention {
  /// The last three.
  FEW("--keep-last 3"),
  /// One for each of seven days.
  WEEK("--keep-daily 7"),
  /// All of two days, then days and weeks up to a month.
  MONTH("--keep-within 2d --keep-daily 14 --keep-weekly 4"),
  /// The same, and months up to a year.
  MONTHS("--keep-within 2d --keep-daily 14 --keep-weekly 8 --keep-monthly 12");

  private static final Duration DAY = Duration.ofDays(1);

  private final String options;

  /// Thousands of plans share a few cadences.
  private static final Map<Asked, List<Duration>> KNOWN = new ConcurrentHashMap<>();

  private record Asked(Retention retention, Duration every) {}

  Retention(String options) {
    this.options = options;
  }

  /// What `forget` is told.
  public String options() {
    return options;
  }

  /// Time between each kept snapshot and the one before it, newest first, once all rules are full.
  ///
  /// @param every how often a snapshot is taken
  List<Duration> gaps(Duration every) {
    return KNOWN.computeIfAbsent(new Asked(this, every), _ -> compute(every));
  }

  private List<Duration> compute(Duration every) {
    List<Duration> gaps = new ArrayList<>();
    switch (this) {
      case FEW -> add(gaps, every, every.multipliedBy(2), every);
      case WEEK -> add(gaps, DAY, DAY.multipliedBy(6), every);
      case MONTH -> {
        daysAndWeeks(gaps, every);
        add(gaps, DAY.multipliedBy(7), DAY.multipliedBy(28), every);
      }
      case MONTHS -> {
        daysAndWeeks(gaps, every);
        add(gaps, DAY.multipliedBy(7), DAY.multipliedBy(56), every);
        add(gaps, DAY.multipliedBy(30), DAY.multipliedBy(360), every);
      }
    }
    return List.copyOf(gaps);
  }

  private static void daysAndWeeks(List<Duration> gaps, Duration every) {
    add(gaps, every, DAY.multipliedBy(2), every);
    add(gaps, DAY, DAY.multipliedBy(14), every);
  }

  /// Adds gaps of `gap`, or of `every` if snapshots are rarer, until all of them reach back to
  /// `until`.
  private static void add(List<Duration> gaps, Duration gap, Duration until, Duration every) {
    Duration step = gap.compareTo(every) < 0 ? every : gap;
    Duration age = span(gaps);
    while (age.plus(step).compareTo(until) <= 0) {
      gaps.add(step);
      age = age.plus(step);
    }
  }

  /// How far back the oldest kept snapshot is.
  ///
  /// @param every how often a snapshot is taken
  Duration span(Duration every) {
    return span(gaps(every));
  }

  private static Duration span(List<Duration> gaps) {
    return gaps.stream().reduce(Duration.ZERO, Duration::plus);
  }
}
