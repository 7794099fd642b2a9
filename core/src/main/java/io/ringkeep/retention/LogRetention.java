package io.ringkeep.retention;

import io.ringkeep.history.Base;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.CacheHistory.Duty;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.log.LogTrim;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What of the logs of a cache stays, and the snapshots that these stand on.
/* A stretch of log is worth what can be restored of it: the part from its first base on. So a base that a
 * stretch needs stays, and the log before the first base that stays goes. With a recovery window a stretch
 * needs the newest base from before the window begins, and one that ends before that needs nothing and goes;
 * without one the log is worth keeping as long as there is a base for it. The stretch that an archiver goes
 * on with always stays, whatever its age.
 *
 * Of a log that is known to be damaged nothing goes, and no snapshot by a rule: it may be mended yet, and on which
 * of them it stands then is not known.
 *
 * The window hangs on the newest moment that there is, not on now: a cache that nobody archives any more
 * keeps what it has.
 */
final class LogRetention {
  private final List<Kept> stretches;
  private final List<ShardHistory> damaged;
  private final Optional<Instant> begin;

  /// A stretch that stays.
  ///
  /// @param bases snapshots that it can be replayed onto, by offset
  private record Kept(ShardHistory shard, ShardWindow window, List<Dated> bases) {
    String why() {
      return "the only base of the log of shard %s from offset %d to %d"
          .formatted(shard.log().shard(), bases.getFirst().base().offset(), window.stretch().end());
    }
  }

  /// A base, and by when all of it had been executed.
  private record Dated(Base base, Instant time) {
    String id() {
      return base.manifest().id();
    }
  }

  private LogRetention(List<Kept> stretches, List<ShardHistory> damaged, Optional<Instant> begin) {
    this.stretches = stretches;
    this.damaged = damaged;
    this.begin = begin;
  }

  /// Looks into all logs of the cache.
  ///
  /// @param history of the cache
  /// @param snapshots times of all of them
  /// @param window for how long back any moment is to be restorable
  static LogRetention of(
      CacheHistory history, Collection<Instant> snapshots, Optional<Duration> window)
      throws IOException {
    Optional<Instant> newest =
        Stream.concat(
                snapshots.stream(),
                history.shards().stream()
                    .flatMap(shard -> shard.windows().stream())
                    .flatMap(known -> known.until().stream()))
            .max(Comparator.naturalOrder());
    Optional<Instant> begin = window.flatMap(length -> newest.map(end -> end.minus(length)));
    List<Kept> kept = new ArrayList<>();
    for (ShardHistory shard : history.shards()) {
      boolean goesOn = history.duty(shard.log().shard()) != Duty.GONE;
      boolean older = true;
      for (int i = 0; i < shard.windows().size(); i++) {
        ShardWindow known = shard.windows().get(i);
        boolean current = goesOn && i == shard.windows().size() - 1;
        // In order, so that those that stay keep their numbers.
        older &= !current && isOver(known, begin);
        if (!older && (current || known.restorable())) {
          kept.add(new Kept(shard, known, dated(shard, known)));
        }
      }
    }
    return new LogRetention(
        kept, history.shards().stream().filter(ShardHistory::isDamaged).toList(), begin);
  }

  private static boolean isOver(ShardWindow window, Optional<Instant> begin) {
    return begin.isPresent()
        && window.until().isPresent()
        && window.until().get().isBefore(begin.get());
  }

  private static List<Dated> dated(ShardHistory shard, ShardWindow window) throws IOException {
    List<Dated> bases = new ArrayList<>();
    for (Base base : window.bases()) {
      Instant time = shard.executed(window, base.offset()).orElse(base.manifest().time());
      bases.add(new Dated(base, time));
    }
    return bases;
  }

  /// The base from which on a stretch is kept: the newest from before the window begins, or the
  /// first there is.
  private Optional<Dated> first(Kept stretch, Predicate<String> there) {
    List<Dated> bases = stretch.bases().stream().filter(base -> there.test(base.id())).toList();
    return begin
        .flatMap(start ->
            bases.stream().filter(base -> !base.time().isAfter(start)).reduce((_, later) -> later))
        .or(() -> bases.stream().findFirst());
  }

  /// The verdicts, but what the window or a stretch needs stays.
  List<Verdict> keepingWhatTheLogNeeds(List<Verdict> verdicts) {
    List<Verdict> kept = new ArrayList<>(verdicts);
    if (begin.isPresent()) {
      keepWindow(kept, begin.get());
    }
    for (Kept stretch : stretches) {
      if (without(stretch, kept)) {
        keep(kept, stretch.bases().getLast().id(), stretch.why());
      }
    }
    for (ShardHistory shard : damaged) {
      String why = "the log of shard %s is damaged".formatted(shard.log().shard());
      verdicts.forEach(verdict -> keep(kept, verdict.snapshot().id(), why));
    }
    return kept;
  }

  /// What an operator should know, in words.
  List<String> warnings() {
    return damaged.stream()
        .map(shard ->
            ("the log of shard %s is damaged, and until it is mended, or what is damaged deleted, nothing of it is"
                    + " forgotten, and no snapshot by a rule: %s")
                .formatted(shard.log().shard(), String.join("; ", shard.holes())))
        .toList();
  }

  private void keepWindow(List<Verdict> kept, Instant start) {
    Optional<Candidate> before = Optional.empty();
    for (Verdict verdict : List.copyOf(kept)) {
      Candidate snapshot = verdict.snapshot();
      if (!snapshot.time().isBefore(start)) {
        keep(kept, snapshot.id(), "within the recovery window");
      } else if (snapshot.state() == Candidate.State.GOOD
          && before.filter(known -> known.time().isAfter(snapshot.time())).isEmpty()) {
        before = Optional.of(snapshot);
      }
    }
    Set<String> bases = new HashSet<>();
    boolean covered = false;
    for (Kept stretch : stretches) {
      Optional<Dated> base = first(stretch, id -> true);
      base.ifPresent(one -> bases.add(one.id()));
      covered |= base.filter(one -> !one.time().isAfter(start)).isPresent();
    }
    if (!covered) {
      before.ifPresent(snapshot -> bases.add(snapshot.id()));
    }
    bases.forEach(id -> keep(kept, id, "the recovery window begins with it"));
  }

  private static void keep(List<Verdict> verdicts, String id, String why) {
    verdicts.replaceAll(verdict -> {
      if (!verdict.snapshot().id().equals(id)) {
        return verdict;
      }
      List<String> reasons = new ArrayList<>(verdict.kept() ? verdict.reasons() : List.of());
      reasons.add(why);
      return new Verdict(verdict.snapshot(), /* kept= */ true, reasons);
    });
  }

  /// @throws InvalidRequest if these verdicts leave a stretch without a base
  void requireABaseOfEach(String cache, List<Verdict> verdicts) {
    for (Kept stretch : stretches) {
      if (without(stretch, verdicts)) {
        throw new InvalidRequest(
            "the log would have nothing to stand on: cache=%s snapshots=%s: %s"
                .formatted(
                    cache,
                    stretch.bases().stream().map(Dated::id).sorted().toList(),
                    stretch.why()),
            "back up again first, so that the log has a newer base; or add --allow-none if that is"
                + " meant");
      }
    }
  }

  private static boolean without(Kept stretch, List<Verdict> verdicts) {
    return !stretch.bases().isEmpty()
        && stretch.bases().stream().noneMatch(base -> isKept(base.id(), verdicts));
  }

  private static boolean isKept(String id, List<Verdict> verdicts) {
    return verdicts.stream()
        .anyMatch(verdict -> verdict.kept() && verdict.snapshot().id().equals(id));
  }

  /// What of the logs goes once these verdicts are carried out.
  List<ForgetPlan.Log> trims(CacheHistory history, List<Verdict> verdicts, Instant now)
      throws IOException {
    List<ForgetPlan.Log> trims = new ArrayList<>();
    for (ShardHistory shard : history.shards()) {
      if (shard.isDamaged()) {
        continue;
      }
      List<LogTrim.Kept> kept = new ArrayList<>();
      Optional<Instant> from = Optional.empty();
      for (Kept stretch : stretches) {
        if (!stretch.shard().equals(shard)) {
          continue;
        }
        Optional<Dated> base = first(stretch, id -> isKept(id, verdicts));
        boolean waits = stretch.bases().isEmpty();
        if (waits || base.isPresent()) {
          kept.add(
              new LogTrim.Kept(
                  stretch.window().stretch(),
                  base.map(one -> one.base().offset()).orElse(stretch.window().stretch().start())));
          from = from.or(() -> base.map(Dated::time));
        }
      }
      Optional<Instant> since = from;
      shard
          .log()
          .trim(kept, now)
          .ifPresent(trim -> trims.add(new ForgetPlan.Log(shard.log(), trim, since)));
    }
    return trims;
  }
}
