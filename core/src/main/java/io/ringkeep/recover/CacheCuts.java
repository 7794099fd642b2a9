package io.ringkeep.recover;

import io.ringkeep.history.Base;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.Marks;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.HistoryGap;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds the offset that somebody means on every shard of a cache.
/* By time, each shard is cut at its last transaction that was executed by then for certain. A key that was
 * being moved then could be on neither side: gone from where it was, since that shard's cut is late, and
 * not arrived where it went, since that one's is early. So a shard that slots were moving away from is cut
 * no later than the moment up to which the one they went to is complete. That a key is on both sides does
 * no harm: the importing side wins. A move that was over by what the one side has, or had not begun by what
 * the other has, asks for nothing: else two shards that give slots to each other would each be cut before the
 * other for ever.
 */
final class CacheCuts {
  /// How far apart cuts may lie: what moved within it may be seen on either side.
  private static final Duration NEAR = Duration.ofSeconds(10);

  /// How far the clocks of primaries, by which moves are known, may be apart.
  private static final Duration SKEW = Duration.ofSeconds(1);

  /// The end of a move that nobody saw the end of.
  private static final Instant FAR = Instant.MAX.minus(SKEW);

  private static final int ROUNDS = 100;
  private static final String LATER = "take a time some seconds later, when the move lies behind";

  private final CacheHistory history;
  private final Map<String, Integer> timelines;

  CacheCuts(CacheHistory history) {
    this(history, Timelines.NEWEST);
  }

  /// @throws NotFound if one of the timelines is of no shard
  CacheCuts(CacheHistory history, Timelines timelines) {
    this.history = history;
    this.timelines = timelines.of(history);
  }

  /// Cuts, and how slots were served there.
  ///
  /// @param cuts by the name of the shard's log
  /// @param map empty if the cache is no cluster
  /// @param time that was asked for, or about which the others were cut
  record Found(Map<String, Cut> cuts, Optional<SlotMap> map, Optional<Instant> time) {}

  /// The cuts for `target`.
  ///
  /// @throws NotFound if a shard's lies before its first base or in the future
  /// @throws io.ringkeep.model.BackupException.HistoryGap if one lies where a log has no bytes
  Found find(RecoveryTarget target) throws IOException {
    return switch (target) {
      case RecoveryTarget.At(Instant time) -> at(time, Map.of());
      case RecoveryTarget.Offset offset -> atOffset(offset);
      case RecoveryTarget.Offsets(Map<String, Long> offsets) -> atOffsets(offsets);
      case RecoveryTarget.Before before -> before(before);
    };
  }

  private Found at(Instant time, Map<String, Cut> fixed) throws IOException {
    Map<String, Cut> cuts = new TreeMap<>(fixed);
    Map<String, Instant> times = new LinkedHashMap<>();
    for (String log : history.needed(time)) {
      times.put(log, time);
      if (!fixed.containsKey(log)) {
        cuts.put(log, finder(log).find(new RecoveryTarget.At(time)));
      }
    }
    List<Away> moves = movesNear(time);
    for (Away move : moves) {
      // Who had the slots shortly before may be there no more, and have keys that are yet to
      // arrive.
      if (!cuts.containsKey(move.from()) && history.shard(move.from()).isPresent()) {
        Optional<Cut> last = finder(move.from()).lastBy(time);
        last.ifPresent(cut -> cuts.put(move.from(), cut));
        times.put(move.from(), time);
      }
    }
    for (int round = 0; settle(moves, time, fixed, cuts, times); round++) {
      if (round == ROUNDS) {
        throw new NotFound("slots were being moved to and fro: time=" + time, LATER);
      }
    }
    return new Found(cuts, history.mapAt(time), Optional.of(time));
  }

  /// Cuts shards that slots were leaving earlier where they must be.
  ///
  /// @return whether there was one
  private boolean settle(
      List<Away> moves,
      Instant time,
      Map<String, Cut> fixed,
      Map<String, Cut> cuts,
      Map<String, Instant> times)
      throws IOException {
    boolean changed = false;
    for (Away move : moves) {
      Cut to = cuts.get(move.to());
      Instant from = times.get(move.from());
      if (to == null
          || from == null
          || !cuts.containsKey(move.from())
          || fixed.containsKey(move.from())) {
        continue;
      }
      Instant complete = time.minus(to.bound().orElse(Duration.ZERO));
      if (complete.isBefore(from) && move.mayLoseKeys(from, complete)) {
        times.put(move.from(), complete);
        Cut earlier = earlier(move, complete);
        cuts.put(move.from(), earlier.later(Duration.between(complete, time)));
        changed = true;
      }
    }
    return changed;
  }

  /// Where the shard that slots were leaving is cut: no later than the one that got them is
  /// complete.
  private Cut earlier(Away move, Instant complete) throws IOException {
    try {
      return finder(move.from()).find(new RecoveryTarget.At(complete));
    } catch (NotFound e) {
      throw new NotFound(why(move, complete, e), hint(e));
    } catch (HistoryGap e) {
      throw new HistoryGap(why(move, complete, e), hint(e));
    }
  }

  private static String why(Away move, Instant complete, BackupException e) {
    return "slots had just moved, so the shard that had them is needed as of an earlier time: from=%s to=%s time=%s: %s"
        .formatted(move.from(), move.to(), complete, e.getMessage());
  }

  private static String hint(BackupException e) {
    return LATER + e.hint().map(known -> "; " + known).orElse("");
  }

  private CutFinder finder(String log) {
    Integer timeline = timelines.get(log);
    return new CutFinder(
        history
            .shard(log)
            .orElseThrow(() ->
                new NotFound(
                    "a shard has no log: shard=" + log,
                    "'status' shows from when on all shards can be restored together")),
        timeline == null ? OptionalInt.empty() : OptionalInt.of(timeline));
  }

  /// Slots that were leaving a shard for another one, or had just left.
  ///
  /// @param begun when none had left yet
  /// @param over when all had arrived
  private record Away(String from, String to, Instant begun, Instant over) {
    /// Whether a key may be on neither side.
    ///
    /// @param cut the latest that the shard which gave slots away has
    /// @param complete what the other one has for certain
    boolean mayLoseKeys(Instant cut, Instant complete) {
      return cut.isAfter(begun.minus(SKEW)) && complete.isBefore(over.plus(SKEW));
    }
  }

  private List<Away> movesNear(Instant time) {
    Set<Away> moves = new HashSet<>();
    List<SlotMap> maps = history.maps();
    for (int i = 0; i < maps.size(); i++) {
      SlotMap map = maps.get(i);
      boolean changedNear =
          map.time().isAfter(time.minus(NEAR)) && map.since().isBefore(time.plus(NEAR));
      if (changedNear || history.mapAt(time).equals(Optional.of(map))) {
        moves.addAll(going(map, i + 1 < maps.size() ? maps.get(i + 1).time() : FAR));
      }
      if (changedNear && i > 0) {
        moves.addAll(changes(maps.get(i - 1), map));
        moves.addAll(going(maps.get(i - 1), map.time()));
      }
    }
    return List.copyOf(moves);
  }

  /// What a map shows as on its way.
  private static List<Away> going(SlotMap map, Instant over) {
    return map.moves().stream()
        .map(move -> new Away(move.from(), move.to(), map.since(), over))
        .toList();
  }

  private static Set<Away> changes(SlotMap before, SlotMap after) {
    Set<Away> changes = new HashSet<>();
    for (MappedShard from : before.shards()) {
      for (MappedShard to : after.shards()) {
        if (!from.log().equals(to.log()) && overlap(from, to)) {
          changes.add(new Away(from.log(), to.log(), after.since(), after.time()));
        }
      }
    }
    return changes;
  }

  private static boolean overlap(MappedShard one, MappedShard other) {
    if (!one.serves() || !other.serves()) {
      return false;
    }
    List<SlotRange> others = Base.slots(other.slots());
    return Base.slots(one.slots()).stream()
        .anyMatch(range ->
            others.stream()
                .anyMatch(with -> range.first() <= with.last() && with.first() <= range.last()));
  }

  private Found atOffset(RecoveryTarget.Offset target) throws IOException {
    if (history.shards().size() > 1) {
      throw new InvalidRequest(
          "each shard has offsets of its own: shards=%d".formatted(history.shards().size()),
          "write offset:SHARD=N,SHARD=N with the shards that 'status' shows, or a time");
    }
    String log = history.shards().getFirst().log().shard();
    return new Found(
        Map.of(log, finder(log).find(target)),
        history.maps().stream().findFirst(),
        Optional.empty());
  }

  private Found atOffsets(Map<String, Long> offsets) throws IOException {
    Map<String, Cut> cuts = new TreeMap<>();
    for (Map.Entry<String, Long> offset : offsets.entrySet()) {
      String log = history.logNamed(offset.getKey());
      cuts.put(log, finder(log).find(new RecoveryTarget.Offset(offset.getValue())));
    }
    Instant latest =
        cuts.values().stream()
            .flatMap(cut -> cut.executedBy().stream())
            .max(Instant::compareTo)
            .orElse(Instant.MAX);
    Set<String> missing = new TreeSet<>(history.needed(latest));
    missing.removeAll(cuts.keySet());
    if (!missing.isEmpty()) {
      throw new InvalidRequest(
          "the offset of a shard is missing: shards=" + missing, "name one for each of them");
    }
    return new Found(cuts, history.mapAt(latest), Optional.empty());
  }

  /// Right before an event on all shards that it came to; the others at the last moment that was
  /// before it for certain.
  private Found before(RecoveryTarget.Before target) throws IOException {
    if (history.shards().size() == 1) {
      String log = history.shards().getFirst().log().shard();
      return new Found(
          Map.of(log, finder(log).find(target)),
          history.maps().stream().findFirst(),
          Optional.empty());
    }
    LogEvent event =
        LogEvents.of(history, /* manyKeys= */ 1).events().stream()
            .filter(known ->
                known.places().stream()
                    .anyMatch(place -> RecoveryTarget.before(place.id()).equals(target)))
            .findFirst()
            .orElseThrow(() ->
                new NotFound(
                    "no such event: replid=%s offset=%d"
                        .formatted(target.replid(), target.offset()),
                    "'log events' lists them"));
    Map<String, Cut> cuts = new TreeMap<>();
    List<Instant> times = new ArrayList<>();
    for (LogEvent.Place place : event.places()) {
      Cut cut = finder(place.shard()).find(RecoveryTarget.before(place.id()));
      cuts.put(place.shard(), cut);
      new Marks(history.shard(place.shard()).orElseThrow().log(), cut.stretch())
          .notBefore(cut.offset())
          .ifPresent(mark -> times.add(Marks.time(mark.timeMicros())));
    }
    Instant first =
        times.stream()
            .min(Instant::compareTo)
            .or(event::time)
            .orElseThrow(() ->
                new NotFound(
                    "the time of this event is not known: id=" + event.id(),
                    "restore by time or by offset"));
    return at(first, cuts);
  }
}
