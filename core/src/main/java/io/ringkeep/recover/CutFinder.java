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
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/// Finds the offset that somebody means.
public final class CutFinder {
  private final ShardHistory history;

  /// For one shard.
  public CutFinder(ShardHistory history) {
    this.history = history;
  }

  /// The cut for `target`.
  ///
  /// @throws NotFound if it lies before the first base or in the future; the hint has what there is
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

  private Cut at(Instant time) throws IOException {
    Optional<ShardWindow> later = Optional.empty();
    for (ShardWindow window : history.windows().reversed()) {
      if (window.from().isEmpty() || window.until().isEmpty()) {
        continue;
      }
      if (time.isBefore(window.from().get())) {
        later = Optional.of(window);
        continue;
      }
      if (!time.isAfter(window.until().get())) {
        return at(time, window);
      }
      throw later.isPresent()
          ? gap(time, window, later.get())
          : notFound("this moment is not in the log yet: time=" + time);
    }
    throw notFound(
        history.start().isPresent()
            ? "this moment is kept no more, the log before its first base was forgotten: time="
                + time
            : "this moment lies before the first base: time=" + time);
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
        "the last moment before it is %s, the first behind it %s"
            .formatted(before.until().orElseThrow(), behind.from().orElseThrow()));
  }

  private NotFound notFound(String what) {
    return new NotFound(
        "%s shard=%s".formatted(what, history.log().shard()),
        "restorable is " + history.describe());
  }

  private Cut at(Instant time, ShardWindow window) throws IOException {
    Stretch stretch = window.stretch();
    Marks marks = new Marks(history.log(), stretch);
    Optional<Instant> idle =
        ShardHistory.idle(stretch, history.state()).filter(said -> !said.isAfter(time));
    if (idle.isPresent()) {
      return cut(window, stretch.end(), idle, Optional.of(Duration.between(idle.get(), time)));
    }
    Mark last =
        marks
            .lastBy(Marks.micros(time))
            .orElseThrow(() -> notFound("no time is known that early: time=" + time));
    Optional<Duration> bound =
        marks
            .notBefore(last.offset())
            .map(mark -> Duration.between(Marks.time(mark.timeMicros()), time));
    return cut(window, last.offset(), Optional.of(Marks.time(last.timeMicros())), bound);
  }

  private Cut atOffset(long offset) throws IOException {
    for (ShardWindow window : history.windows().reversed()) {
      if (window.restorable()
          && offset >= window.bases().getFirst().offset()
          && offset <= window.stretch().end()) {
        return boundary(window, offset);
      }
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

  private Cut before(String replid, long offset) throws IOException {
    for (ShardWindow window : history.windows().reversed()) {
      boolean holds =
          window.stretch().names().stream()
              .anyMatch(name ->
                  name.replid().startsWith(replid)
                      && name.start() <= offset
                      && offset < name.end());
      if (holds && window.restorable() && offset >= window.bases().getFirst().offset()) {
        return boundary(window, offset);
      }
    }
    throw notFound(
        "no such event, or no base before it: replid=%s offset=%d".formatted(replid, offset));
  }

  private Cut boundary(ShardWindow window, long offset) throws IOException {
    long boundary = Surroundings.of(history.log(), window.stretch(), offset).boundary();
    Optional<Instant> executed =
        new Marks(history.log(), window.stretch())
            .executed(boundary)
            .map(mark -> Marks.time(mark.timeMicros()));
    return cut(window, boundary, executed, Optional.empty());
  }

  private Cut cut(
      ShardWindow window, long offset, Optional<Instant> executedBy, Optional<Duration> bound)
      throws IOException {
    Base base =
        window.bases().stream()
            .filter(known -> known.offset() <= offset)
            .max(Comparator.comparingLong(Base::offset))
            .orElseThrow(() -> notFound("no base lies before this offset: offset=" + offset));
    Surroundings around = Surroundings.of(history.log(), window.stretch(), offset);
    return new Cut(
        history.log().shard(),
        window.stretch(),
        base,
        offset,
        executedBy,
        bound,
        around.lastKept(),
        around.firstDropped());
  }
}
