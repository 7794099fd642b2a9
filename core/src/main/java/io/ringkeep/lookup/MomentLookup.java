package io.ringkeep.lookup;

import io.ringkeep.history.Base;
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
import java.util.List;
import java.util.Optional;

/// Finds one key as it was at any moment that the log has, between backups too.
/* The log is looked through for the key's name first. Where no command behind the base names it, the base has
 * the answer; else the key's shard is rolled forward in a server of our own, for only a server knows what its
 * commands do.
 */
public final class MomentLookup {
  private final Repository repository;
  private final KeyName key;
  private final Optional<Path> engine;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  private MomentLookup(
      Repository repository,
      KeyName key,
      Optional<Path> engine,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.repository = repository;
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
    Moment found;
    try {
      found = Moment.find(cache, new RecoveryTarget.At(moment), timelines, repository);
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
    MomentLookup lookup =
        new MomentLookup(repository, key, engine, Deadline.in(timeout, "get"), clock, progress);
    return lookup.get(found, taker);
  }

  private <T> T get(Moment moment, Taker<T> taker) throws IOException, InterruptedException {
    int slot = Slot.of(key.bytes());
    for (ShardCut cut : holders(moment, slot)) {
      Optional<T> taken = get(moment, cut, slot, taker);
      if (taken.isPresent()) {
        return taken.get();
      }
    }
    throw new NotFound(
        "there was no such key then: cache=%s moment=%s %s"
            .formatted(moment.cache(), moment.target().text(), key),
        "'history' shows when it came and went");
  }

  /// The shards that may hold a slot's keys: the one that they are moving to, the one that serves
  /// it, and those that serve others, for it may just have moved.
  private static List<ShardCut> holders(Moment moment, int slot) {
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

  private <T> Optional<T> get(Moment moment, ShardCut cut, int slot, Taker<T> taker)
      throws IOException, InterruptedException {
    Manifest base = cut.cut().base().manifest();
    LogPlace place =
        new LogPlace(
            cut.cut().shard(), cut.cut().offset(), cut.cut().executedBy(), cut.cut().bound());
    KeyMentions.Found mentions =
        KeyMentions.find(
            cut.log(),
            cut.cut().stretch(),
            cut.cut().base().offset(),
            cut.cut().offset(),
            key.database(),
            key.bytes(),
            /* most= */ 1);
    if (mentions.all() == 0) {
      boolean itsOwn = cut.cut().base().slots().stream().anyMatch(range -> range.contains(slot));
      return itsOwn ? inBase(moment, base, place, taker) : Optional.empty();
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

  private <T> Optional<T> inBase(Moment moment, Manifest base, LogPlace place, Taker<T> taker)
      throws IOException {
    try (Lease _ = repository.leases().acquireRead("get")) {
      repository.snapshots(base.cache()).requireUnchanged(base);
      return Optional.of(
          KeyLookup.get(repository, moment.cache(), base, Optional.of(place), key, taker));
    } catch (NotFound e) {
      return Optional.empty();
    }
  }
}
