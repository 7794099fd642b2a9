package io.ringkeep.lookup;

import io.ringkeep.history.Base;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.CacheHistory.Span;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.Change;
import io.ringkeep.lookup.KeyHistory.State;
import io.ringkeep.lookup.KeyHistory.Unreadable;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.recover.Cut;
import io.ringkeep.recover.KeyMentions;
import io.ringkeep.recover.KeyMentions.Mention;
import io.ringkeep.recover.KeyRoll;
import io.ringkeep.recover.Moment;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.ShardCut;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The versions of one key between backups, as the log has them.
/* The log is looked through for the key's name; the newest commands that name it are replayed in a server of our
 * own, which is asked for the key behind each of them. One version and the one before it are held in memory.
 */
public final class LogHistory {
  private static final int MOST_SAMPLES = 5;

  /// Larger values are not compared with the one before.
  private static final long MOST_COMPARED_BYTES = 64L << 20;

  private final Repository repository;
  private final String cache;
  private final KeyName key;
  private final int most;
  private final Optional<Path> engine;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;
  private final ValueComparison comparison;
  private final RecordFingerprinter fingerprinter;
  private final List<Step> steps = new ArrayList<>();
  private final List<Covered> covered = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();

  /// What a command, or a transaction, has made of the key.
  ///
  /// @param time by when it had been executed, by the server's clock, if that is known
  /// @param shard whose log it stands in
  /// @param offset behind it: `restore --to offset:N` keeps it
  /// @param command the beginning of the first one that names the key
  public record Step(
      Optional<Instant> time, String shard, long offset, String command, State state) {}

  /// A part of a log without a gap.
  ///
  /// @param base snapshot that it goes on from
  /// @param from the earliest moment of it, if that is known
  /// @param until the latest
  /// @param commands how many of them may have changed the key
  /// @param passed how many of these, the oldest, were not looked at
  /// @param had when the shard had the key's slot for certain
  public record Covered(
      String shard,
      String base,
      Optional<Instant> from,
      Optional<Instant> until,
      long commands,
      long passed,
      List<Span> had) {
    public Covered {
      had = List.copyOf(had);
    }

    /// Whether what became of the key at a time stands in this part, if anything did.
    public boolean tellsOf(Instant time) {
      return from.filter(first -> !first.isAfter(time)).isPresent()
          && until.filter(last -> !last.isBefore(time)).isPresent()
          && had.stream()
              .anyMatch(span -> !span.from().isAfter(time) && !span.until().isBefore(time));
    }
  }

  /// All that the log tells.
  ///
  /// @param covered what was looked through; empty if the cache has no log
  /// @param steps changes of the key, oldest first
  /// @param gaps where the log has no bytes: what happened there is not known
  public record Result(List<Covered> covered, List<Step> steps, List<String> gaps) {
    /// Of a log that was not looked into.
    public static final Result NONE = new Result(List.of(), List.of(), List.of());

    public Result {
      covered = List.copyOf(covered);
      steps = List.copyOf(steps);
      gaps = List.copyOf(gaps);
    }

    /// False if something could not be read.
    public boolean whole() {
      return steps.stream().noneMatch(step -> step.state() instanceof Unreadable);
    }
  }

  private LogHistory(
      Repository repository,
      String cache,
      KeyName key,
      int most,
      Optional<Path> engine,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.repository = repository;
    this.cache = cache;
    this.key = key;
    this.most = most;
    this.engine = engine;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
    comparison = new ValueComparison(repository.hashKey(), MOST_SAMPLES);
    fingerprinter = new RecordFingerprinter(repository.hashKey());
  }

  /// Reads the log.
  ///
  /// @param most how many commands of each part are replayed one by one, the newest ones
  /// @param engine server program; searched for if absent. If there is none, commands are told and
  ///   what they made is not
  public static Result of(
      Repository repository,
      String cache,
      KeyName key,
      int most,
      Optional<Path> engine,
      Duration timeout,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    LogHistory history =
        new LogHistory(
            repository, cache, key, most, engine, Deadline.in(timeout, "history"), clock, progress);
    try (Lease _ = repository.leases().acquireRead("history")) {
      return history.read(CacheHistory.of(repository, cache));
    }
  }

  private Result read(CacheHistory history) throws IOException, InterruptedException {
    int slot = Slot.of(key.bytes());
    for (ShardHistory shard : history.shards()) {
      String name = shard.log().shard();
      if (served(history, name, slot)) {
        read(shard, SlotTenure.of(history.maps(), name, slot));
      }
    }
    steps.sort(Comparator.comparing(step -> step.time().orElse(Instant.MIN)));
    return new Result(covered, SlotTenure.withoutMoves(steps), gaps);
  }

  private void read(ShardHistory shard, List<Span> had) throws IOException, InterruptedException {
    ShardHistory known = shard;
    Map<ShardWindow, KeyMentions.Found> found = new LinkedHashMap<>();
    int damaged = -1;
    while (known.log().damaged() != damaged) {
      damaged = known.log().damaged();
      found.clear();
      try {
        for (ShardWindow window : known.windows()) {
          if (window.restorable()) {
            found.put(window, mentions(known, window));
          }
        }
      } catch (CorruptData e) {
        if (known.log().damaged() == damaged) {
          throw e;
        }
        // What was found damaged on the way parts one window into two.
        known = known.again();
      }
    }
    known
        .gaps()
        .forEach(gap ->
            gaps.add(
                "%s: %s, offsets %d to %d"
                    .formatted(
                        gap.time(), gap.reason().words(), gap.fromOffset(), gap.toOffset())));
    known.holes().forEach(hole -> gaps.add("damage: " + hole));
    for (Map.Entry<ShardWindow, KeyMentions.Found> entry : found.entrySet()) {
      ShardWindow window = entry.getKey();
      List<Mention> newest = entry.getValue().newest();
      covered.add(
          new Covered(
              known.log().shard(),
              window.bases().getFirst().manifest().id(),
              window.from(),
              window.until(),
              entry.getValue().all(),
              entry.getValue().all() - newest.size(),
              had));
      follow(known, window, newest);
    }
  }

  /// Whether a shard ever had a slot, as far as is known.
  private static boolean served(CacheHistory history, String log, int slot) {
    return history.maps().isEmpty()
        || history.maps().stream()
            .anyMatch(map ->
                map.shard(log)
                        .filter(shard -> shard.serves() && SlotTenure.contains(shard.slots(), slot))
                        .isPresent()
                    || map.moves().stream()
                        .anyMatch(move ->
                            move.to().equals(log) && SlotTenure.contains(move.slots(), slot)));
  }

  private KeyMentions.Found mentions(ShardHistory shard, ShardWindow window) throws IOException {
    return KeyMentions.find(
        shard.log(),
        window.stretch(),
        window.bases().getFirst().offset(),
        window.stretch().end(),
        key.database(),
        key.bytes(),
        most,
        deadline);
  }

  /// Looks at the key behind each of the commands. Where that is not possible, goes on from the
  /// next snapshot that stands on the log.
  private void follow(ShardHistory shard, ShardWindow window, List<Mention> mentions)
      throws IOException, InterruptedException {
    List<Mention> left = mentions;
    while (!left.isEmpty()) {
      long first = left.getFirst().offset();
      Base base =
          window.bases().stream()
              .filter(one -> one.offset() <= first)
              .max(Comparator.comparingLong(Base::offset))
              .orElseThrow();
      Follower follower = new Follower(shard, window, left);
      int told = steps.size();
      try {
        follower.roll(base);
        return;
      } catch (TargetRefused e) {
        // It did not apply all of the commands: what it had is no proof of anything.
        steps.subList(told, steps.size()).clear();
        for (Mention mention : left) {
          unreadable(shard, window, mention, e);
        }
        return;
      } catch (InvalidRequest | CorruptData | NotFound e) {
        // The commands at least are known: no server program is here, the base is damaged, or what
        // stands in the log can't be replayed.
        long reached = Math.max(base.offset(), follower.reached());
        long next =
            e instanceof InvalidRequest
                ? Long.MAX_VALUE
                : window.bases().stream()
                    .mapToLong(Base::offset)
                    .filter(offset -> offset > reached)
                    .min()
                    .orElse(Long.MAX_VALUE);
        List<Mention> behind = new ArrayList<>();
        for (Mention mention : left) {
          if (mention.offset() >= next) {
            behind.add(mention);
          } else if (mention.end() > follower.reached()) {
            unreadable(shard, window, mention, e);
          }
        }
        left = behind;
      }
    }
  }

  private void unreadable(
      ShardHistory shard, ShardWindow window, Mention mention, BackupException e)
      throws IOException {
    steps.add(
        new Step(
            shard.executed(window, mention.end()),
            shard.log().shard(),
            mention.end(),
            mention.command(),
            new Unreadable(String.valueOf(e.getMessage()), e.hint().orElse(""))));
  }

  /// Rolls a shard forward from one command to the next, and compares each version with the one
  /// before.
  private final class Follower {
    private final ShardHistory shard;
    private final ShardWindow window;
    private final List<Mention> mentions;
    // By the offset behind their transaction: the first of each.
    private final SequencedMap<Long, String> commands = new LinkedHashMap<>();
    private Optional<Record> last = Optional.empty();
    private long reached = -1;

    Follower(ShardHistory shard, ShardWindow window, List<Mention> mentions) {
      this.shard = shard;
      this.window = window;
      this.mentions = mentions;
      mentions.forEach(mention -> commands.putIfAbsent(mention.end(), mention.command()));
    }

    /// Offset up to which the key is known; -1 if nothing is.
    long reached() {
      return reached;
    }

    void roll(Base base) throws IOException, InterruptedException {
      ShardCut cut =
          new ShardCut(
              shard.log(),
              new Cut(
                  shard.log().shard(),
                  window.stretch(),
                  base,
                  commands.lastEntry().getKey(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  new Cut.Branch(
                      shard.firstTimeline() + shard.windows().indexOf(window), List.of())));
      // What it was before the first of them.
      List<Long> stops = new ArrayList<>();
      stops.add(Math.max(base.offset(), mentions.getFirst().begin()));
      stops.addAll(commands.keySet());
      Moment moment =
          new Moment(
              cache,
              new RecoveryTarget.Offset(cut.cut().offset()),
              List.of(cut),
              Optional.empty(),
              Optional.empty());
      KeyRoll.run(
          cut,
          stops,
          key.database(),
          key.bytes(),
          KeyRoll.engine(moment, engine),
          repository,
          deadline,
          clock,
          progress,
          this::take);
    }

    private void take(long offset, Optional<Record> record) throws IOException {
      String command = commands.get(offset);
      if (command != null && !same(record)) {
        Optional<Instant> time = shard.executed(window, offset);
        steps.add(new Step(time, shard.log().shard(), offset, command, state(record, time)));
      }
      last = record;
      reached = offset;
    }

    private boolean same(Optional<Record> record) {
      return last.map(fingerprinter::fingerprint).equals(record.map(fingerprinter::fingerprint));
    }

    private State state(Optional<Record> record, Optional<Instant> time) {
      if (record.isEmpty()) {
        return new Absent(
            last.filter(Record::expires).isPresent()
                && time.isPresent()
                && last.orElseThrow().expiredAt(time.get().toEpochMilli()));
      }
      Record now = record.get();
      return new Version(
          fingerprinter.fingerprint(now),
          KeyLookup.typeOf(now),
          now.value().remaining(),
          comparison.size(now),
          now.expiryMillis(),
          last.filter(was -> comparable(was) && comparable(now))
              .map(was -> new Change(comparison.compare(was, now), was.expiryMillis())));
    }

    private boolean comparable(Record record) {
      return record.value().remaining() <= MOST_COMPARED_BYTES;
    }
  }
}
