package io.ringkeep.repository.log;

import io.ringkeep.store.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What of a shard's log can be forgotten; nothing is changed yet.
///
/// @param start from where on it would be kept
/// @param segments how many lie before
/// @param storedBytes that these take
public record LogTrim(LogStart start, int segments, long storedBytes) {

  /// A stretch that is kept.
  ///
  /// @param stretch of the log
  /// @param from offset of the earliest base that stands on it
  public record Kept(Stretch stretch, long from) {}

  /// @param before what is forgotten already
  /// @param listed segments that are not, with what they take
  /// @param stretches of these, oldest first
  static Optional<LogTrim> of(
      LogStart before,
      Map<SegmentName, ObjectInfo> listed,
      List<Stretch> stretches,
      List<Kept> kept,
      Instant now) {
    Set<SegmentName> needed = new HashSet<>();
    for (Kept one : kept) {
      // One that ends where the base is stays too: it names the history that the base belongs to.
      one.stretch().names().stream().filter(name -> name.end() >= one.from()).forEach(needed::add);
    }
    Map<String, Long> ends = new TreeMap<>();
    listed.keySet().forEach(name -> ends.merge(name.replid(), name.end(), Math::max));
    Map<String, Long> starts = new TreeMap<>();
    needed.forEach(name -> starts.merge(name.replid(), name.start(), Math::min));
    List<LogStart.History> histories = new ArrayList<>();
    ends.forEach((replid, end) ->
        histories.add(new LogStart.History(replid, starts.getOrDefault(replid, end))));
    LogStart own = new LogStart(LogStart.FORMAT, now, 1, histories);
    List<ObjectInfo> gone =
        listed.entrySet().stream()
            .filter(segment -> own.forgets(segment.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    if (gone.isEmpty()) {
      return Optional.empty();
    }
    int timelines = 0;
    while (timelines < stretches.size()
        && own.forgets(stretches.get(timelines).names().getLast())) {
      timelines++;
    }
    LogStart start =
        before.with(
            new LogStart(LogStart.FORMAT, now, before.firstTimeline() + timelines, histories));
    return Optional.of(
        new LogTrim(start, gone.size(), gone.stream().mapToLong(ObjectInfo::sizeBytes).sum()));
  }
}
