package io.ringkeep.repository.log;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/// From where on a shard's log is kept: what lies before was forgotten, which is no gap.
///
/// @param format of this record, [#FORMAT]
/// @param time when it was decided, by the clock of whoever did
/// @param firstTimeline number of the oldest stretch that is kept, so that those behind it keep
///   theirs
/// @param histories what is forgotten of each, by replid
public record LogStart(int format, Instant time, int firstTimeline, List<History> histories) {
  /// The only format so far.
  public static final int FORMAT = 1;

  /// What is forgotten of one history.
  ///
  /// @param replid its name
  /// @param offset segments that end there or before it
  public record History(String replid, long offset) {}

  public LogStart {
    histories = List.copyOf(histories);
  }

  /// Of a log of which nothing was forgotten.
  static final LogStart NONE = new LogStart(FORMAT, Instant.MIN, 1, List.of());

  /// Whether the bytes of a history that end at `end` are forgotten.
  public boolean forgets(String replid, long end) {
    return histories.stream()
        .anyMatch(history -> history.replid().equals(replid) && end <= history.offset());
  }

  boolean forgets(SegmentName name) {
    return forgets(name.replid(), name.end());
  }

  /// What both forget, decided when the later one was.
  LogStart with(LogStart other) {
    TreeMap<String, Long> offsets = new TreeMap<>();
    histories.forEach(history -> offsets.merge(history.replid(), history.offset(), Math::max));
    other.histories.forEach(
        history -> offsets.merge(history.replid(), history.offset(), Math::max));
    return new LogStart(
        FORMAT,
        time.isAfter(other.time) ? time : other.time,
        Math.max(firstTimeline, other.firstTimeline),
        offsets.entrySet().stream()
            .map(entry -> new History(entry.getKey(), entry.getValue()))
            .toList());
  }
}
