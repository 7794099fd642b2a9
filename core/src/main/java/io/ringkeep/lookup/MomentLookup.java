package io.ringkeep.lookup;

import io.ringkeep.history.Base;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.lookup.KeyLookup.Found;
import io.ringkeep.lookup.KeyLookup.LogPlace;
import io.ringkeep.lookup.KeyLookup.Taker;
import io.ringkeep.model.BackupException.HistoryGap;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.Slot;
import io.ringkeep.recover.KeyMentions;
import io.ringkeep.recover.KeyRoll;
import io.ringkeep.recover.Moment;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.ShardCut;
import io.ringkeep.recover.Timelines;
import io.ringkeep.recover.WholeMoves;
import io.ringkeep.redis.stream.SlotImports;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds one key as it was at any moment that the log has, between backups too.
/* The log is looked through for the key's name first. Where no command behind the base names it, the base has
 * the answer; else the key's shard is rolled forward in a server of our own, for only a server knows what its
 * commands do. A shard that had the slot for certain, long before the moment until long behind it, is believed. Any
 * other is asked only if the logs of all shards say that the slot's keys count there, as a recovery does.
 */
public final class MomentLookup {
  /// How far from the moment slots were seen to move that may have moved at it.
  private static final Duration NEAR = Duration.ofSeconds(10);

  private final Repository repository;
  private final CacheHistory history;
  private final Moment moment;
  private final KeyName key;
  private final Optional<Path> engine;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  // By the name of the shard's log.
  private final Map<String, KeyMentions.Found> mentions = new HashMap<>();

  // Of all shards' logs, once they were looked through.
  private @Nullable WholeMoves wholeMoves;

  private MomentLookup(
      Repository repository,
      CacheHistory history,
      Moment moment,
      KeyName key,
      Optional<Path> engine,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.repository = repository;
    this.history = history;
    this.moment = moment;
    this.key = key;
    this.engine = engine;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// Hands the key as it was at `moment` to `taker`. Where the log does not have that moment, that
  /// is said to `progress`, and the newest snapshot before it is looked into; not if a timeline is
  /// named.
  ///
  /// @param timelines of the log that the moment is looked for on
  /// @param engine server program that a shard is rolled forward in; searched for if absent
  /// @return what the taker returned
  /// @throws NotFound if there was no such key; the hint names what is near
  /// @throws io.ringkeep.model.BackupException if what it takes is damaged, or no server program
  ///   here can load it
  public static <T> T get(
      Repository repository,
      String cache,
      Instant moment,
      Timelines timelines,
      KeyName key,
      Optional<Path> engine,
      Duration timeout,
      Clock clock,
      Progress progress,
      Taker<T> taker)
      throws IOException, InterruptedException {
    CacheHistory history;
    Moment found;
    try {
      history = CacheHistory.of(repository, cache);
      found = Moment.find(cache, new RecoveryTarget.At(moment), timelines, history);
    } catch (NotFound | HistoryGap e) {
      if (!timelines.equals(Timelines.NEWEST)) {
        throw e;
      }
      if (!ShardLog.shards(repository.store(), cache).isEmpty()) {
        progress.note("a snapshot is looked into, not the log: " + e.getMessage());
      }
      return KeyLookup.get(repository, cache, new Which.At(moment), key, taker);
    }
    found.ambiguities().forEach(progress::note);
    return get(
        repository,
        history,
        found,
        key,
        engine,
        Deadline.in(timeout, "get"),
        clock,
        progress,
        taker);
  }

  /// The same of a moment that was found in `history`, and of nothing else.
  public static <T> T get(
      Repository repository,
      CacheHistory history,
      Moment moment,
      KeyName key,
      Optional<Path> engine,
      Deadline deadline,
      Clock clock,
      Progress progress,
      Taker<T> taker)
      throws IOException, InterruptedException {
    try (Lease _ = repository.leases().acquireRead("get")) {
      return new MomentLookup(
              repository, history, moment.again(), key, engine, deadline, clock, progress)
          .get(taker);
    }
  }

  private <T> T get(Taker<T> taker) throws IOException, InterruptedException {
    int slot = Slot.of(key.bytes());
    for (ShardCut cut : holders(slot)) {
      deadline.check();
      boolean certain = hadForCertain(cut, slot);
      if (certain || counts(cut, slot)) {
        Optional<T> taken = get(cut, slot, taker);
        if (taken.isPresent()) {
          return taken.get();
        }
      }
      if (certain) {
        break;
      }
    }
    throw new NotFound(
        "there was no such key then: cache=%s moment=%s %s"
            .formatted(moment.cache(), moment.target().text(), key),
        "'history' shows when it came and went");
  }

  /// Whether a shard had a slot at the moment whatever may have been about to move then.
  private boolean hadForCertain(ShardCut cut, int slot) {
    if (moment.time().isEmpty()) {
      return false;
    }
    Instant from = moment.time().get().minus(NEAR);
    Instant until = moment.time().get().plus(NEAR);
    // What happened later than the logs tell may not have been seen.
    return history.spans().stream().anyMatch(span -> span.until().isAfter(until))
        && SlotTenure.of(history.maps(), cut.cut().shard(), slot).stream()
            .anyMatch(span -> !span.from().isAfter(from) && !span.until().isBefore(until));
  }

  /// Whether the logs have a slot's keys count on a shard.
  private boolean counts(ShardCut cut, int slot) throws IOException {
    return !wholeMoves().elsewhere(cut.cut().shard()).get(slot);
  }

  private WholeMoves wholeMoves() throws IOException {
    if (wholeMoves != null) {
      return wholeMoves;
    }
    Map<String, WholeMoves.Side> sides = new HashMap<>();
    for (ShardCut each : moment.cuts()) {
      SlotImports imports =
          each.mayHaveWholeMoves() ? mentions(each).requireWholeImports() : new SlotImports();
      sides.put(each.cut().shard(), new WholeMoves.Side(each.cut(), imports));
    }
    wholeMoves = new WholeMoves(sides, moment.map());
    return wholeMoves;
  }

  private KeyMentions.Found mentions(ShardCut cut) throws IOException {
    KeyMentions.Found known = mentions.get(cut.cut().shard());
    if (known == null) {
      known =
          KeyMentions.find(
              cut.log(),
              cut.cut().stretch(),
              cut.cut().base().offset(),
              cut.cut().offset(),
              key.database(),
              key.bytes(),
              /* most= */ 1,
              deadline);
      mentions.put(cut.cut().shard(), known);
    }
    return known;
  }

  /// The shards that may hold a slot's keys: the one that they are moving to, the one that serves
  /// it, and those that serve others, for it may just have moved.
  private List<ShardCut> holders(int slot) {
    if (moment.map().isEmpty()) {
      return moment.cuts();
    }
    SlotMap map = moment.map().get();
    List<String> wanted = new ArrayList<>();
    map.moves().stream()
        .filter(move -> contains(move.slots(), slot))
        .forEach(move -> wanted.add(move.to()));
    map.shards().stream()
        .filter(shard -> contains(shard.slots(), slot))
        .forEach(shard -> wanted.add(shard.log()));
    moment.cuts().forEach(cut -> wanted.add(cut.cut().shard()));
    return wanted.stream()
        .distinct()
        .flatMap(log -> moment.cuts().stream().filter(cut -> cut.cut().shard().equals(log)))
        .toList();
  }

  private static boolean contains(String slots, int slot) {
    return !slots.isEmpty() && Base.slots(slots).stream().anyMatch(range -> range.contains(slot));
  }

  private <T> Optional<T> get(ShardCut cut, int slot, Taker<T> taker)
      throws IOException, InterruptedException {
    Manifest base = cut.cut().base().manifest();
    LogPlace place =
        new LogPlace(
            cut.cut().shard(), cut.cut().offset(), cut.cut().executedBy(), cut.cut().bound());
    if (mentions(cut).all() == 0) {
      boolean itsOwn = cut.cut().base().slots().stream().anyMatch(range -> range.contains(slot));
      return itsOwn ? inBase(base, place, taker) : Optional.empty();
    }
    List<T> taken = new ArrayList<>();
    KeyRoll.run(
        cut,
        List.of(cut.cut().offset()),
        key.database(),
        key.bytes(),
        KeyRoll.engine(moment.only(cut), engine),
        repository,
        deadline,
        clock,
        progress,
        (_, record) -> {
          if (record.isPresent()) {
            taken.add(
                taker.take(
                    new Found(
                        base, record.get(), KeyLookup.typeOf(record.get()), Optional.of(place))));
          }
        });
    return taken.stream().findFirst();
  }

  private <T> Optional<T> inBase(Manifest base, LogPlace place, Taker<T> taker) throws IOException {
    repository.snapshots(base.cache()).requireUnchanged(base);
    try {
      return Optional.of(
          KeyLookup.get(repository, moment.cache(), base, Optional.of(place), key, taker));
    } catch (NotFound e) {
      return Optional.empty();
    }
  }
}
