package io.ringkeep.retention;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rules for which snapshots are kept. A snapshot stays if any rule keeps it.
///
/// @param last so many of the newest
/// @param hourly the newest of each of the newest so many hours that have one
/// @param daily the same for days
/// @param weekly the same for weeks, which begin on Monday
/// @param monthly the same for months
/// @param yearly the same for years
/// @param within all that are at most so much older than the newest
/// @param window all that it takes to restore any moment of so long before the newest one that the
///   log has; of the log what it takes for that, and no more
/// @param zone whose hours, days, weeks, months and years these are
public record RetentionPolicy(
    int last,
    int hourly,
    int daily,
    int weekly,
    int monthly,
    int yearly,
    Optional<Duration> within,
    Optional<Duration> window,
    ZoneId zone) {
  /*
   * "Newest" is the one committed last, not the one with the latest time: a clock that jumped back must not make the
   * snapshot of today one of last year that goes. Times decide only which period a snapshot belongs to. The window of
   * `within` hangs on the newest snapshot, not on now: a cache whose backups stopped keeps what it has.
   */

  public RetentionPolicy {
    int[] counts = {last, hourly, daily, weekly, monthly, yearly};
    boolean keepsAny = within.isPresent() || window.isPresent();
    for (int count : counts) {
      if (count < 0) {
        throw new InvalidRequest("a number of snapshots to keep is negative: " + count, null);
      }
      keepsAny |= count > 0;
    }
    if (!keepsAny) {
      throw new InvalidRequest(
          "no rule says what to keep",
          "say at least one, such as --keep-daily 7, or name the snapshots that are to go");
    }
  }

  /// What becomes of each snapshot.
  ///
  /// @param snapshots in the order of their commits
  /// @param now when this is decided; a snapshot with a later time stays, and counts for no rule
  public List<Verdict> decide(List<Candidate> snapshots, Instant now) {
    Map<String, List<String>> reasons = new HashMap<>();
    for (Candidate snapshot : snapshots) {
      reasons.put(snapshot.id(), new ArrayList<>());
    }
    List<Candidate> newestFirst =
        snapshots.reversed().stream().filter(snapshot -> snapshot.counts(now)).toList();
    protect(snapshots, newestFirst, now, reasons);
    for (int i = 0; i < Math.min(last, newestFirst.size()); i++) {
      add(reasons, newestFirst.get(i), "last %d of %d".formatted(i + 1, last));
    }
    keepWithin(newestFirst, reasons);
    Map<Period, Integer> counts = new EnumMap<>(Period.class);
    counts.put(Period.HOUR, hourly);
    counts.put(Period.DAY, daily);
    counts.put(Period.WEEK, weekly);
    counts.put(Period.MONTH, monthly);
    counts.put(Period.YEAR, yearly);
    counts.forEach((period, count) -> keepPeriods(period, count, newestFirst, reasons));
    return snapshots.stream()
        .map(snapshot -> verdict(snapshot, reasons.getOrDefault(snapshot.id(), List.of())))
        .toList();
  }

  /// What stays whatever the rules are.
  private static void protect(
      List<Candidate> snapshots,
      List<Candidate> newestFirst,
      Instant now,
      Map<String, List<String>> reasons) {
    boolean nothingGoodIsNewer = true;
    for (Candidate snapshot : snapshots.reversed()) {
      snapshot
          .pin()
          .ifPresent(note -> add(reasons, snapshot, note.isEmpty() ? "pinned" : "pinned: " + note));
      switch (snapshot.state()) {
        case GOOD -> {
          if (snapshot.time().isAfter(now)) {
            add(reasons, snapshot, "its time has not come yet: counts for no rule");
          } else {
            nothingGoodIsNewer = false;
          }
        }
        case COLLAPSED -> {
          if (nothingGoodIsNewer) {
            add(reasons, snapshot, "collapsed, but nothing newer is good");
          }
        }
        case DAMAGED -> add(reasons, snapshot, "its manifest is damaged: goes only if named");
      }
    }
    if (!newestFirst.isEmpty()) {
      add(reasons, newestFirst.getFirst(), "newest");
    }
  }

  private void keepWithin(List<Candidate> newestFirst, Map<String, List<String>> reasons) {
    if (within.isEmpty() || newestFirst.isEmpty()) {
      return;
    }
    Instant newest =
        newestFirst.stream().map(Candidate::time).max(Comparator.naturalOrder()).orElseThrow();
    for (Candidate snapshot : newestFirst) {
      if (Duration.between(snapshot.time(), newest).compareTo(within.get()) <= 0) {
        add(reasons, snapshot, "within the time to keep all");
      }
    }
  }

  private void keepPeriods(
      Period period, int count, List<Candidate> newestFirst, Map<String, List<String>> reasons) {
    // The one committed last in each period, and the latest time in it, by which periods are in
    // order.
    Map<String, Candidate> newest = new LinkedHashMap<>();
    Map<String, Instant> times = new HashMap<>();
    for (Candidate snapshot : newestFirst) {
      String name = period.of(ZonedDateTime.ofInstant(snapshot.time(), zone));
      newest.putIfAbsent(name, snapshot);
      times.merge(name, snapshot.time(), (one, other) -> one.isAfter(other) ? one : other);
    }
    times.entrySet().stream()
        .sorted(Map.Entry.<String, Instant>comparingByValue().reversed())
        .limit(count)
        .forEach(entry -> {
          Candidate snapshot = newest.get(entry.getKey());
          if (snapshot != null) {
            add(reasons, snapshot, entry.getKey());
          }
        });
  }

  private static Verdict verdict(Candidate snapshot, List<String> reasons) {
    if (!reasons.isEmpty()) {
      return new Verdict(snapshot, /* kept= */ true, reasons);
    }
    String why =
        snapshot.state() == Candidate.State.COLLAPSED
            ? "collapsed: counts for no rule"
            : "no rule keeps it";
    return new Verdict(snapshot, /* kept= */ false, List.of(why));
  }

  private static void add(Map<String, List<String>> reasons, Candidate snapshot, String reason) {
    List<String> own = reasons.get(snapshot.id());
    if (own != null) {
      own.add(reason);
    }
  }
}
