package io.ringkeep.history;

import io.ringkeep.backup.Backup;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ArchiverState;
import io.ringkeep.repository.log.ArchiverStates;
import io.ringkeep.repository.log.Gap;
import io.ringkeep.repository.log.LogStart;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What the repository knows of one shard: its log, the snapshots that stand on it, and what its
/// archiver says.
///
/// @param log of the shard
/// @param windows its stretches, oldest first
/// @param gaps what was declared missing, oldest first
/// @param state what its archiver said last
/// @param start from where on the log is kept, if anything of it was forgotten
public record ShardHistory(
    ShardLog log,
    List<ShardWindow> windows,
    List<Gap> gaps,
    Optional<ArchiverState> state,
    Optional<LogStart> start) {
  public ShardHistory {
    windows = List.copyOf(windows);
    gaps = List.copyOf(gaps);
  }

  /// Every shard of a cache that has a log.
  public static List<ShardHistory> of(Repository repository, String cache) throws IOException {
    return of(repository, cache, repository.snapshots(cache).all());
  }

  /// The same, as far as these snapshots stand on it.
  static List<ShardHistory> of(Repository repository, String cache, List<Manifest> manifests)
      throws IOException {
    List<ArchiverState> states = ArchiverStates.of(repository.store(), cache);
    List<Base> bases =
        manifests.stream()
            .filter(manifest -> !Backup.slotsWereMoving(manifest))
            .flatMap(manifest ->
                manifest.shards().stream()
                    .filter(shard -> holdsAll(manifest, shard))
                    .map(shard -> new Base(manifest, shard)))
            .sorted(Comparator.comparingLong(Base::offset))
            .toList();
    List<ShardHistory> histories = new ArrayList<>();
    for (String shard : ShardLog.shards(repository.store(), cache)) {
      ShardLog log = repository.log(cache, shard);
      Optional<ArchiverState> state =
          states.stream().filter(said -> said.shard().equals(shard)).findFirst();
      histories.add(of(log, bases, state));
    }
    return histories;
  }

  /// What is missing or damaged, in words.
  public List<String> holes() {
    return log.holes(stretches());
  }

  /// Whether anything of it is known to be damaged.
  public boolean isDamaged() {
    return log.isDamaged(stretches());
  }

  private List<Stretch> stretches() {
    return windows.stream().map(ShardWindow::stretch).toList();
  }

  /// The same by another look, in which what was found damaged since is missing.
  public ShardHistory again() throws IOException {
    return of(
        log,
        windows.stream().flatMap(window -> window.bases().stream()).distinct().toList(),
        state);
  }

  private static ShardHistory of(ShardLog log, List<Base> bases, Optional<ArchiverState> state)
      throws IOException {
    while (true) {
      int damaged = log.damaged();
      List<ShardWindow> windows = new ArrayList<>();
      ShardLog.Contents contents = log.contents();
      for (Stretch stretch : contents.stretches()) {
        windows.add(window(log, stretch, bases, state));
      }
      // What is found damaged on the way makes two windows of one.
      if (log.damaged() == damaged) {
        return new ShardHistory(log, windows, contents.gaps(), state, contents.start());
      }
    }
  }

  private static ShardWindow window(
      ShardLog log, Stretch stretch, List<Base> all, Optional<ArchiverState> state)
      throws IOException {
    List<Base> bases =
        all.stream().filter(base -> stretch.holds(base.shard().replid(), base.offset())).toList();
    Optional<Instant> from =
        bases.isEmpty()
            ? Optional.empty()
            : new Marks(log, stretch)
                .executed(bases.getFirst().offset())
                .map(mark -> Marks.time(mark.timeMicros()));
    // Looked at in any case: whoever says that nothing came since does not know whether it is
    // whole.
    Optional<Instant> marked = lastMark(log, stretch);
    return new ShardWindow(stretch, bases, from, idle(stretch, state).or(() -> marked));
  }

  /// A shard of a cluster that serves no slot has given keys to a snapshot only if some were being
  /// moved.
  private static boolean holdsAll(Manifest manifest, ManifestShard shard) {
    return !manifest.topology().equals("cluster") || !shard.slots().isEmpty();
  }

  /// A server that writes nothing brings no segments: then the archiver's word is the last mark.
  public static Optional<Instant> idle(Stretch stretch, Optional<ArchiverState> state) {
    return state
        .filter(said -> said.serverReplid().equals(stretch.replid()))
        .filter(said -> said.serverOffset() == stretch.end())
        .map(ArchiverState::serverTime);
  }

  /// By when everything before `offset` had been executed, by the server's clock, if that is known.
  public Optional<Instant> executed(ShardWindow window, long offset) throws IOException {
    return new Marks(log, window.stretch())
        .executed(offset)
        .map(mark -> Marks.time(mark.timeMicros()));
  }

  private static Optional<Instant> lastMark(ShardLog log, Stretch stretch) throws IOException {
    for (int i = stretch.segments() - 1; i >= 0; i--) {
      List<Mark> marks = log.marks(stretch.names().get(i));
      if (!marks.isEmpty()) {
        return Optional.of(Marks.time(marks.getLast().timeMicros()));
      }
    }
    return Optional.empty();
  }

  /// Number of its oldest window; those behind it count on.
  public int firstTimeline() {
    return start.map(LogStart::firstTimeline).orElse(1);
  }

  /// What can be restored of it, for people, the newest first.
  public String describe() {
    List<String> known = new ArrayList<>();
    for (int i = windows.size() - 1; i >= 0; i--) {
      ShardWindow window = windows.get(i);
      if (window.restorable()) {
        String span =
            window.from().isPresent() && window.until().isPresent()
                ? "%s to %s".formatted(window.from().get(), window.until().get())
                : "offset %d to %d"
                    .formatted(window.bases().getFirst().offset(), window.stretch().end());
        known.add(
            windows.size() == 1 ? span : "timeline %d: %s".formatted(firstTimeline() + i, span));
      }
    }
    return known.isEmpty() ? "nothing yet: the log has no base" : String.join(", ", known);
  }
}
