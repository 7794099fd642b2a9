package io.ringkeep.lookup;

import io.ringkeep.history.Base;
import io.ringkeep.history.CacheHistory.Span;
import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.Unreadable;
import io.ringkeep.lookup.LogHistory.Step;
import io.ringkeep.repository.log.SlotMap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which shard of a cluster had a slot when, and what of a key's changes was only its move to
/// another one.
final class SlotTenure {
  /// How far apart a key may have arrived and gone: logs know times to about a second.
  private static final Duration NEAR = Duration.ofSeconds(10);

  /// What logs know times to, about: a slot that moves as a whole is deleted when it has arrived,
  /// so what went by more than that before was a deletion of its own.
  private static final Duration CLOSE = Duration.ofSeconds(1);

  /// What a key arrives with that is moved by itself (`migrateCommand` in `cluster.c`; clients send
  /// `RESTORE`).
  private static final String ARRIVAL = "RESTORE-ASKING";

  /// What a slot arrives with that Valkey 9 moves as a whole.
  private static final String WHOLE_ARRIVAL = "CLUSTER SYNCSLOTS FINISH";

  private SlotTenure() {}

  /// When a shard had a slot for certain: between two maps that differ, and while a slot is being
  /// moved, nobody knows.
  static List<Span> of(List<SlotMap> maps, String log, int slot) {
    if (maps.isEmpty()) {
      return List.of(new Span(Instant.MIN, Instant.MAX));
    }
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < maps.size(); i++) {
      SlotMap map = maps.get(i);
      Instant from = i == 0 ? Instant.MIN : map.time();
      Instant until = i + 1 == maps.size() ? Instant.MAX : maps.get(i + 1).since();
      boolean has =
          map.shard(log)
              .filter(shard -> shard.serves() && contains(shard.slots(), slot))
              .isPresent();
      boolean moving = map.moves().stream().anyMatch(move -> contains(move.slots(), slot));
      if (has && !moving && !until.isBefore(from)) {
        spans.add(new Span(from, until));
      }
    }
    return spans;
  }

  static boolean contains(String slots, int slot) {
    return Base.slots(slots).stream().anyMatch(range -> range.contains(slot));
  }

  /// The steps without those by which the key only went from one shard to another: where it is gone
  /// from one about when it arrived at another.
  static List<Step> withoutMoves(List<Step> steps) {
    List<Step> left = new ArrayList<>(steps);
    for (Step arrival : steps) {
      boolean known = !(arrival.state() instanceof Unreadable);
      if (known && (arrival.command().startsWith(ARRIVAL) || isWhole(arrival))) {
        departure(left, arrival)
            .ifPresent(departure -> {
              left.remove(arrival);
              left.remove(departure);
            });
      }
    }
    return left;
  }

  private static Optional<Step> departure(List<Step> steps, Step arrival) {
    return steps.stream()
        .filter(step -> step.state() instanceof Absent && !step.shard().equals(arrival.shard()))
        .filter(step -> apart(step, arrival).compareTo(NEAR) <= 0)
        .filter(step -> !isWhole(arrival) || !isWellBefore(step, arrival))
        .min(Comparator.comparing(step -> apart(step, arrival)));
  }

  private static boolean isWhole(Step arrival) {
    return arrival.command().startsWith(WHOLE_ARRIVAL);
  }

  private static boolean isWellBefore(Step step, Step arrival) {
    return step.time().isPresent()
        && arrival.time().isPresent()
        && step.time().get().isBefore(arrival.time().get().minus(CLOSE));
  }

  private static Duration apart(Step one, Step other) {
    return one.time().isPresent() && other.time().isPresent()
        ? Duration.between(one.time().get(), other.time().get()).abs()
        : Duration.ofSeconds(Long.MAX_VALUE);
  }
}
