package io.ringkeep.recover;

import io.ringkeep.history.Base;
import io.ringkeep.history.Marks;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.model.BackupException.HistoryGap;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.log.Gap;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.Stretch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Finds the offset that somebody means, on the newest timeline that has it or on a certain one.
public final class CutFinder {
  private final ShardHistory history;

  /// Those that are looked at, newest first.
  private final List<Timeline> timelines;

  /// One of the log's stretches, and its number for people.
  private record Timeline(int number, ShardWindow window) {
    boolean holds(Instant time) {
      return window.from().isPresent()
          && window.until().isPresent()
          && !time.isBefore(window.from().get())
          && !time.isAfter(window.until().get());
    }

    boolean holds(long offset) {
      return window.restorable()
          && offset >= window.bases().getFirst().offset()
          && offset <= window.stretch().end();
    }
  }

  /// An offset on one of them; the transaction that is cut behind ends there or before.
  ///
  /// @param executedBy as far as it is known otherwise than by the offset
  private record Place(
      Timeline on, long offset, Optional<Instant> executedBy, Optional<Duration> bound) {
    Stretch stretch() {
      return on.window().stretch();
    }

    /// Whether the same bytes lead there. Timelines share what was before they parted.
    boolean isSame(Place other) {
      return offset == other.offset
          && stretch().replidAt(offset).equals(other.stretch().replidAt(offset));
    }
  }

  /// For one shard.
  ///
  /// @param wanted number of the only timeline that is looked at; all are if it is empty
  /// @throws NotFound if there is no such timeline
  CutFinder(ShardHistory history, OptionalInt wanted) {
    this.history = history;
    List<Timeline> all = all(history);
    this.timelines =
        all.stream().filter(one -> wanted.isEmpty() || one.number() == wanted.getAsInt()).toList();
    if (timelines.isEmpty() && wanted.isPresent()) {
      throw notFound("no such timeline: timeline=" + wanted.getAsInt());
    }
  }

  private static List<Timeline> all(ShardHistory history) {
    List<Timeline> all = new ArrayList<>();
    for (int i = history.windows().size() - 1; i >= 0; i--) {
      all.add(new Timeline(history.firstTimeline() + i, history.windows().get(i)));
    }
    return all;
  }

  /// The cut for `target`.
  ///
  /// @throws NotFound if it lies before the first base or in the future, or is not on the timeline;
  ///   the hint has what there is
  /// @throws HistoryGap if it lies where the log has no bytes
  public Cut find(RecoveryTarget target) throws IOException {
    return switch (target) {
      case RecoveryTarget.At(Instant time) -> at(time);
      case RecoveryTarget.Offset(long offset) -> atOffset(offset);
      case RecoveryTarget.Offsets(Map<String, Long> offsets) ->
          atOffset(offsets.values().iterator().next());
      case RecoveryTarget.Before(String replid, long offset) -> before(replid, offset);
    };
  }

  /// The last cut by `time`: where the log ends if it ends before.
  ///
  /// @throws HistoryGap if the time lies where the log has no bytes
  Optional<Cut> lastBy(Instant time) throws IOException {
    try {
      return Optional.of(at(time));
    } catch (NotFound e) {
      Optional<Instant> until =
          timelines.stream()
              .map(Timeline::window)
              .filter(ShardWindow::restorable)
              .flatMap(window -> window.until().stream())
              .filter(end -> !end.isAfter(time))
              .max(Instant::compareTo);
      return until.isPresent() ? Optional.of(at(until.get())) : Optional.empty();
    }
  }

  private Cut at(Instant time) throws IOException {
    for (Timeline timeline : timelines) {
      if (timeline.holds(time)) {
        List<Place> others = new ArrayList<>();
        for (Timeline other : all(history)) {
          if (other.number() != timeline.number() && other.holds(time)) {
            others.add(place(time, other));
          }
        }
        return cut(place(time, timeline), others);
      }
    }
    if (isNarrowed()) {
      throw notHere("time=" + time);
    }
    Optional<ShardWindow> later = Optional.empty();
    for (Timeline timeline : timelines) {
      ShardWindow window = timeline.window();
      if (!window.restorable() && window.until().filter(time::isAfter).isEmpty()) {
        later = Optional.of(window);
      }
      if (window.from().isEmpty() || window.until().isEmpty()) {
        continue;
      }
      if (time.isBefore(window.from().get())) {
        later = Optional.of(window);
        continue;
      }
      if (later.isPresent()) {
        throw gap(time, window, later.get());
      }
      Optional<String> damage = history.log().damageBetween(window.stretch().end(), Long.MAX_VALUE);
      if (damage.isPresent()) {
        throw new HistoryGap(
            "this moment lies where the log is damaged: time=%s reason=%s"
                .formatted(time, damage.get()),
            "the last moment before it is " + window.until().get());
      }
      throw notFound("this moment is not in the log yet: time=" + time);
    }
    throw notFound(
        history.start().isPresent()
            ? "this moment is kept no more, the log before its first base was forgotten: time="
                + time
            : "this moment lies before the first base: time=" + time);
  }

  /// Whether other timelines are left out of account.
  private boolean isNarrowed() {
    return timelines.size() < history.windows().size();
  }

  private NotFound notHere(String moment) {
    return notFound(
        "this moment is not on that timeline: %s timeline=%d"
            .formatted(moment, timelines.getFirst().number()));
  }

  private HistoryGap gap(Instant time, ShardWindow before, ShardWindow behind) {
    String why =
        history.gaps().stream()
            .filter(gap -> gap.toReplid().equals(behind.stretch().replids().getFirst()))
            .filter(gap -> gap.toOffset() == behind.stretch().start())
            .map(Gap::reason)
            .map(Gap.Reason::words)
            .findFirst()
            .orElse(behind.stretch().hole().isEmpty() ? "no base yet" : behind.stretch().hole());
    return new HistoryGap(
        "this moment lies in a gap of the log: time=%s reason=%s".formatted(time, why),
        "the last moment before it is %s, %s"
            .formatted(
                before.until().orElseThrow(),
                behind
                    .from()
                    .map(first -> "the first behind it " + first)
                    .orElse("behind it there is none before the log has a base again")));
  }

  private NotFound notFound(String what) {
    return new NotFound(
        "%s shard=%s".formatted(what, history.log().shard()),
        "restorable is " + history.describe());
  }

  private Place place(Instant time, Timeline timeline) throws IOException {
    Stretch stretch = timeline.window().stretch();
    Marks marks = new Marks(history.log(), stretch);
    Optional<Instant> idle =
        ShardHistory.idle(stretch, history.state()).filter(said -> !said.isAfter(time));
    if (idle.isPresent()) {
      return new Place(
          timeline, stretch.end(), idle, Optional.of(Duration.between(idle.get(), time)));
    }
    Mark last =
        marks
            .lastBy(Marks.micros(time))
            .orElseThrow(() -> notFound("no time is known that early: time=" + time));
    Optional<Duration> bound =
        marks
            .notBefore(last.offset())
            .map(mark -> Duration.between(Marks.time(mark.timeMicros()), time));
    return new Place(timeline, last.offset(), Optional.of(Marks.time(last.timeMicros())), bound);
  }

  private Cut atOffset(long offset) throws IOException {
    for (Timeline timeline : timelines) {
      if (timeline.holds(offset)) {
        List<Place> others = new ArrayList<>();
        for (Timeline other : all(history)) {
          if (other.number() != timeline.number() && other.holds(offset)) {
            others.add(place(offset, other));
          }
        }
        return cut(place(offset, timeline), others);
      }
    }
    if (isNarrowed()) {
      throw notHere("offset=" + offset);
    }
    boolean forgotten =
        history.start().isPresent()
            && history.windows().stream().allMatch(window -> offset < window.stretch().end());
    throw notFound(
        forgotten
            ? "this offset is kept no more, the log before its first base was forgotten: offset="
                + offset
            : "this offset can't be restored: offset=" + offset);
  }

  /// An event's name has its history in it: where several timelines have that, they are the same.
  private Cut before(String replid, long offset) throws IOException {
    for (Timeline timeline : timelines) {
      boolean has =
          timeline.window().stretch().names().stream()
              .anyMatch(name ->
                  name.replid().startsWith(replid)
                      && name.start() <= offset
                      && offset < name.end());
      if (has && timeline.holds(offset)) {
        return cut(place(offset, timeline), List.of());
      }
    }
    throw notFound(
        "no such event, or no base before it: replid=%s offset=%d".formatted(replid, offset));
  }

  private static Place place(long offset, Timeline timeline) {
    return new Place(timeline, offset, Optional.empty(), Optional.empty());
  }

  /// @param having every other place that the moment could mean
  private Cut cut(Place place, List<Place> having) throws IOException {
    // It can be far to the next command that changes data, so this is looked at once. Redis 6.0
    // passes on
    // the MULTI that a sample is asked in, and counts it before it answers.
    Surroundings around = Surroundings.of(history.log(), place.stretch(), place.offset());
    long boundary = around.boundary();
    Base base =
        place.on().window().bases().stream()
            .filter(known -> known.offset() <= boundary)
            .max(Comparator.comparingLong(Base::offset))
            .orElseThrow(() -> notFound("no base lies before this offset: offset=" + boundary));
    Optional<Instant> executedBy = place.executedBy();
    if (executedBy.isEmpty()) {
      executedBy =
          new Marks(history.log(), place.stretch())
              .executed(boundary)
              .map(mark -> Marks.time(mark.timeMicros()));
    }
    return new Cut(
        history.log().shard(),
        place.stretch(),
        base,
        boundary,
        executedBy,
        place.bound(),
        around.lastKept(),
        around.firstDropped(),
        new Cut.Branch(
            place.on().number(),
            having.stream()
                .filter(other -> !other.isSame(place))
                .map(other -> other.on().number())
                .sorted()
                .toList()));
  }
}
