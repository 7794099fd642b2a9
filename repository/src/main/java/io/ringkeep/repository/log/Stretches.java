package io.ringkeep.repository.log;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Finds out which segments follow which.
/* Within a history names alone tell: a segment follows the one that ends where it begins. Several may
 * begin at one offset, when a small one was stored again as part of a larger one or a paused archiver
 * came back: the one that leads furthest counts. Between histories the head of the first segment tells:
 * one that continues another history takes over all of that up to its own start.
 */
final class Stretches {
  private final Heads heads;
  private final LogStart start;
  private final Map<SegmentName, String> damaged;
  private final Map<String, List<Run>> runs = new TreeMap<>();

  /// Segments of one history without a gap, and the head of the first.
  private record Run(List<SegmentName> names, Segment first) {
    long start() {
      return names.getFirst().start();
    }

    /// Those up to `offset`, if one of them ends there or nothing lies before it.
    Optional<List<SegmentName>> upTo(long offset) {
      for (int i = 0; i < names.size(); i++) {
        if (names.get(i).end() == offset) {
          return Optional.of(names.subList(0, i + 1));
        }
      }
      return Optional.empty();
    }
  }

  /// Reads what a segment says of itself.
  @FunctionalInterface
  interface Heads {
    Segment of(SegmentName name) throws IOException;
  }

  /// @param start from where on the log is kept: what is missing before that is no hole
  /// @param damaged those that count as missing, and what is wrong with each
  /// @throws io.ringkeep.model.BackupException.CorruptData if the head of a run's first segment is
  ///   damaged, and it is none of these
  Stretches(Heads heads, Set<SegmentName> names, LogStart start, Map<SegmentName, String> damaged)
      throws IOException {
    this.heads = heads;
    this.start = start;
    this.damaged = damaged;
    Map<String, List<SegmentName>> histories =
        names.stream()
            .filter(name -> !damaged.containsKey(name))
            .collect(Collectors.groupingBy(SegmentName::replid));
    for (Map.Entry<String, List<SegmentName>> history : histories.entrySet()) {
      runs.put(history.getKey(), runs(history.getValue()));
    }
  }

  private List<Run> runs(List<SegmentName> history) throws IOException {
    Map<Long, SegmentName> furthest = furthest(history);
    List<Run> found = new ArrayList<>();
    long covered = Long.MIN_VALUE;
    for (SegmentName name :
        history.stream().sorted(Comparator.comparingLong(SegmentName::start)).toList()) {
      if (name.start() < covered || !furthest.containsValue(name)) {
        continue;
      }
      List<SegmentName> run = new ArrayList<>();
      for (SegmentName next = name; next != null; next = furthest.get(next.end())) {
        run.add(next);
      }
      found.add(new Run(run, heads.of(name)));
      covered = run.getLast().end();
    }
    return found;
  }

  /// For each offset at which segments begin, the one that leads furthest.
  private static Map<Long, SegmentName> furthest(List<SegmentName> history) {
    Map<Long, SegmentName> best = new HashMap<>();
    Map<Long, Long> reach = new HashMap<>();
    List<SegmentName> lastFirst =
        history.stream()
            .sorted(
                Comparator.comparingLong(SegmentName::start)
                    .thenComparingLong(SegmentName::end)
                    .reversed())
            .toList();
    for (SegmentName name : lastFirst) {
      long end = reach.getOrDefault(name.end(), name.end());
      if (end > reach.getOrDefault(name.start(), Long.MIN_VALUE)) {
        reach.put(name.start(), end);
        best.put(name.start(), name);
      }
    }
    return best;
  }

  List<Stretch> all() {
    Set<SegmentName> continued = new HashSet<>();
    Map<Stretch, Instant> stretches = new HashMap<>();
    for (List<Run> history : runs.values()) {
      for (Run run : history) {
        before(run).ifPresent(names -> continued.add(names.getLast()));
      }
    }
    for (List<Run> history : runs.values()) {
      for (Run run : history) {
        if (!continued.contains(run.names().getLast())) {
          stretches.put(stretch(run), run.first().capturedFrom());
        }
      }
    }
    return stretches.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  private Stretch stretch(Run last) {
    List<SegmentName> names = new ArrayList<>();
    Run run = last;
    List<SegmentName> part = last.names();
    while (true) {
      names.addAll(0, part);
      Optional<List<SegmentName>> before = before(run);
      if (before.isEmpty()) {
        return new Stretch(names, hole(run));
      }
      part = before.get();
      run = runOf(part.getFirst());
    }
  }

  /// The segments of another history that a run continues.
  private Optional<List<SegmentName>> before(Run run) {
    Optional<String> replid = run.first().continues();
    if (replid.isEmpty() || replid.get().equals(run.first().replid())) {
      return Optional.empty();
    }
    return runs.getOrDefault(replid.get(), List.of()).stream()
        .flatMap(other -> other.upTo(run.start()).stream())
        .findFirst();
  }

  private String hole(Run run) {
    return run.first()
        .continues()
        .filter(replid -> !start.forgets(replid, run.start()))
        .map(replid -> missing(replid, run.start()))
        .orElse("");
  }

  private String missing(String replid, long before) {
    return damaged.entrySet().stream()
        .filter(entry -> entry.getKey().end() == before && entry.getKey().replid().equals(replid))
        .map(entry -> damaged(entry.getValue()))
        .findFirst()
        .orElse("segments are missing: replid=%s before offset=%d".formatted(replid, before));
  }

  /// A damage in words.
  static String damaged(String reason) {
    return "a segment is damaged: " + reason;
  }

  private Run runOf(SegmentName first) {
    return runs.getOrDefault(first.replid(), List.of()).stream()
        .filter(run -> run.names().getFirst().equals(first))
        .findFirst()
        .orElseThrow();
  }
}
