package io.ringkeep.recover;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.HistoryGap;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofRecord;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A moment of a cache, found in its logs: where each shard is cut for it.
///
/// @param cache whose moment it is
/// @param target what was asked for
/// @param cuts what that means for each shard, at least one
/// @param map how slots were served then; empty if the cache is no cluster
/// @param time that was asked for, or that the shards were cut about, if there is one
public record Moment(
    String cache,
    RecoveryTarget target,
    List<ShardCut> cuts,
    Optional<SlotMap> map,
    Optional<Instant> time) {
  public Moment {
    cuts = List.copyOf(cuts);
  }

  /// Finds it.
  ///
  /// @param timelines of the logs that it is looked for on
  /// @throws NotFound if there is no log, or the moment is not in it, or on no such timeline
  /// @throws HistoryGap if it lies where bytes are missing
  public static Moment find(
      String cache, RecoveryTarget target, Timelines timelines, Repository repository)
      throws IOException {
    return find(cache, target, timelines, CacheHistory.of(repository, cache));
  }

  /// The same in what is known of the cache.
  public static Moment find(
      String cache, RecoveryTarget target, Timelines timelines, CacheHistory history)
      throws IOException {
    if (history.shards().isEmpty()) {
      throw new NotFound(
          "cache has no log: cache=" + cache,
          "only what 'archive' has recorded can be restored to any moment; 'list' shows snapshots");
    }
    CacheHistory known = history;
    boolean again = false;
    while (true) {
      int damaged = known.damaged();
      try {
        Moment found = in(known, cache, target, timelines);
        if (known.damaged() == damaged) {
          return found;
        }
      } catch (CorruptData e) {
        // It may have been found before this, but after the history.
        if (again && known.damaged() == damaged) {
          throw e;
        }
      }
      // What was found damaged on the way has no times and no commands.
      known = known.again();
      again = true;
    }
  }

  private static Moment in(
      CacheHistory history, String cache, RecoveryTarget target, Timelines timelines)
      throws IOException {
    CacheCuts.Found found = new CacheCuts(history, timelines).find(target);
    List<ShardCut> cuts =
        found.cuts().values().stream()
            .map(cut -> new ShardCut(history.shard(cut.shard()).orElseThrow().log(), cut))
            .toList();
    return new Moment(cache, target, cuts, found.map(), found.time());
  }

  /// The newest one that can be had: up to it every shard that serves slots has a log and a base.
  ///
  /// @throws NotFound if there is no log, or none that a base stands on
  /// @throws HistoryGap if bytes are missing there
  public static Moment newest(String cache, Repository repository) throws IOException {
    CacheHistory history = CacheHistory.of(repository, cache);
    while (true) {
      int damaged = history.damaged();
      try {
        return newest(cache, history);
      } catch (NotFound | HistoryGap e) {
        if (history.damaged() == damaged) {
          throw e;
        }
        // Its end was found damaged: the newest one is an earlier one.
        history = history.again();
      }
    }
  }

  private static Moment newest(String cache, CacheHistory history) throws IOException {
    List<CacheHistory.Span> spans = history.spans();
    // Found in the history that was looked at: an archiver that runs has changed it since.
    if (!spans.isEmpty()) {
      return find(cache, new RecoveryTarget.At(spans.getLast().until()), Timelines.NEWEST, history);
    }
    // Where the archiver may not ask for the time there are offsets alone.
    Optional<ShardWindow> window =
        history.shards().size() == 1
            ? history.shards().getFirst().windows().stream()
                .filter(ShardWindow::restorable)
                .reduce((_, later) -> later)
            : Optional.empty();
    if (window.isPresent()) {
      return find(
          cache,
          new RecoveryTarget.Offset(window.get().stretch().end()),
          Timelines.NEWEST,
          history);
    }
    throw new NotFound(
        "nothing in the log can be restored yet: cache=" + cache,
        "'archive' takes a first base by itself; 'status' shows whether it could");
  }

  /// What else could have been meant, for people.
  public List<String> ambiguities() {
    return cuts.stream()
        .flatMap(cut ->
            cut.cut().branch().text().stream()
                .map(text -> "shard %s: timeline %s".formatted(cut.cut().shard(), text)))
        .toList();
  }

  /// That servers held it.
  ///
  /// @param held the sum over all records
  /// @param engine version of the servers
  public ProofRecord proof(
      long records, String held, String engine, Duration elapsed, Clock clock) {
    return new ProofRecord(
        ProofRecord.FORMAT,
        ProofRecord.Type.MOMENT,
        cuts.stream()
            .map(cut -> cut.cut().base().manifest())
            .max(Comparator.comparing(Manifest::time))
            .orElseThrow()
            .id(),
        clock.instant(),
        records,
        held,
        engine,
        elapsed.toMillis(),
        target.text(),
        cuts.stream().map(Moment::proven).toList());
  }

  private static ProofRecord.Cut proven(ShardCut of) {
    Cut cut = of.cut();
    return new ProofRecord.Cut(
        cut.shard(),
        cut.base().manifest().id(),
        cut.stretch().replidAt(cut.offset()),
        cut.offset());
  }

  /// The same in the logs as they are now. Whoever reads them holds a read lease, and asks this
  /// after taking it: from then on nothing of them is deleted.
  ///
  /// @throws NotFound if what it takes was forgotten
  public Moment again() throws IOException {
    List<ShardCut> now = new ArrayList<>();
    for (ShardCut cut : cuts) {
      now.add(cut.again());
    }
    return new Moment(cache, target, now, map, time);
  }

  /// The same for one of its shards alone.
  public Moment only(ShardCut cut) {
    return new Moment(cache, target, List.of(cut), map, time);
  }

  /// Bytes of the log that are replayed.
  public long logBytes() {
    return cuts.stream().mapToLong(ShardCut::logBytes).sum();
  }

  /// By how much earlier than the time asked for a command may have been executed that is left out;
  /// zero if no time was asked for.
  public Duration bound() {
    return cuts.stream()
        .flatMap(cut -> cut.cut().bound().stream())
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  /// The time that a snapshot of it is said to be of.
  Instant instant(Clock clock) {
    return time.or(() ->
            cuts.stream().flatMap(cut -> cut.cut().executedBy().stream()).max(Instant::compareTo))
        .orElseGet(clock::instant);
  }
}
