package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Bytes;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Record;
import io.ringkeep.redis.command.KeyDumps;
import io.ringkeep.redis.command.Lens;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.redis.command.LossFinder;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads back the keys that were restored, and no others, and compares what they mean.
///
/// For targets that hold other data too: a full sync would read all of that.
final class KeyProof {
  /*
   * The snapshot is fed once more, and the target is asked for the keys of each page. Fields that expire within the
   * next minutes are left out on both sides, since the server drops them while it is read.
   */
  private static final Duration CUT_AHEAD = Duration.ofMinutes(10);
  private static final int MOST_EXAMPLES = 5;
  private static final int PAGE_KEYS = 250;
  private static final long PAGE_BYTES = 4 << 20;

  /// How far an expiry may be off that an old server told as the time left, and how much later a
  /// key may be found to have expired.
  private static final long CLOCK_TOLERANCE_MILLIS = 2_000;

  private final RestorePlan plan;
  private final Repository repository;
  private final boolean exactExpiry;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  /// @param exactExpiry whether the target was told until when each key lives: not so if keys moved
  ///   from server to server
  KeyProof(
      RestorePlan plan,
      Repository repository,
      boolean exactExpiry,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.plan = plan;
    this.repository = repository;
    this.exactExpiry = exactExpiry;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// Compares a lane's records, but for those that were `kept`.
  ///
  /// @throws BackupException.CorruptData if any of them differs
  void compare(Lane lane, BitSet kept) throws IOException {
    Comparing comparing = read(lane, kept);
    if (comparing.differing > 0) {
      throw new BackupException.CorruptData(
          "the target does not hold what was sent: snapshot=%s keys=%d first=%s"
              .formatted(plan.manifest().id(), comparing.differing, comparing.examples),
          "stop clients that write to these keys, and restore again",
          null);
    }
  }

  /// Which of a lane's records, counted in its order, the target holds already.
  BitSet held(Lane lane) throws IOException {
    return read(lane, new BitSet()).equal;
  }

  private Comparing read(Lane lane, BitSet kept) throws IOException {
    Comparing comparing = new Comparing(lane, kept);
    try (Progress.Task task = progress.begin("reading back " + lane, lane.bytes(plan))) {
      task.phase("comparing");
      for (TargetServer server : lane.servers()) {
        comparing.pages.add(
            new Page(
                KeyDumps.open(
                    server.shard().primary().endpoint(),
                    plan.request().connection(),
                    server.facts().engine(),
                    /* readOnly= */ false),
                exactExpiry && server.facts().engine().hasFunctions()));
      }
      SnapshotFeed.feed(
          repository,
          plan.manifest(),
          lane.slots(),
          clock,
          SnapshotFeed.Check.COUNTS,
          record -> comparing.add(record, task));
      comparing.pages.forEach(comparing::compare);
      return comparing;
    } finally {
      comparing.pages.forEach(page -> page.dumps.close());
    }
  }

  /// Keys of one database of one server that are asked for together.
  private static final class Page {
    final KeyDumps dumps;
    final boolean exactExpiry;
    final Map<ByteBuffer, Expected> keys = new LinkedHashMap<>();
    int database;
    long bytes;

    Page(KeyDumps dumps, boolean exactExpiry) {
      this.dumps = dumps;
      this.exactExpiry = exactExpiry;
    }
  }

  /// What a key is to be.
  ///
  /// @param ordinal of its record in the lane's order
  /// @param value fingerprint; empty if all its fields have expired
  private record Expected(int ordinal, long expiryMillis, Optional<Fingerprint> value) {}

  private final class Comparing {
    private final Lane lane;
    private final BitSet kept;
    private final Shaping shaping = plan.shaping(repository.hashKey());
    private final RecordFingerprinter fingerprinter = new RecordFingerprinter(repository.hashKey());
    private final Lens lens =
        new Lens(
            plan.crossing().ability(), clock.millis() + CUT_AHEAD.toMillis(), repository.hashKey());
    private final LossFinder losses = new LossFinder(plan.crossing().ability());
    private final boolean keysAreLost =
        plan.crossing().losses().keySet().stream().anyMatch(Loss::wholeKey);
    private final List<Page> pages = new ArrayList<>();
    private final List<String> examples = new ArrayList<>();
    private final BitSet equal = new BitSet();
    private int ordinal;
    private long differing;

    Comparing(Lane lane, BitSet kept) {
      this.lane = lane;
      this.kept = kept;
    }

    void add(Record original, Progress.Task task) {
      Record record = shaping.of(original);
      if (record == null) {
        return;
      }
      int number = ordinal++;
      if (kept.get(number)
          || (keysAreLost && losses.losses(record).stream().anyMatch(Loss::wholeKey))) {
        return;
      }
      Page page = pages.get(lane.owner(record.key()));
      if (page.database != record.database()
          || page.keys.size() == PAGE_KEYS
          || page.bytes > PAGE_BYTES) {
        compare(page);
        page.database = record.database();
      }
      byte[] key = Bytes.of(record.key());
      page.keys.put(
          ByteBuffer.wrap(key),
          new Expected(
              number,
              record.expiryMillis(),
              lens.fingerprint(record, fingerprinter.fingerprint(record))));
      page.bytes += key.length + record.value().remaining();
      task.advance(key.length + record.value().remaining(), 1);
    }

    void compare(Page page) {
      deadline.check();
      List<byte[]> names = page.keys.keySet().stream().map(ByteBuffer::array).toList();
      for (Record held : page.dumps.read(page.database, names)) {
        Expected expected = page.keys.remove(held.key());
        if (expected != null && equal(expected, held, page.exactExpiry)) {
          equal.set(expected.ordinal());
        } else {
          note(held.key());
        }
      }
      // What is left is not there.
      page.keys.forEach((key, expected) -> {
        boolean expired =
            expected.expiryMillis() != Record.NO_EXPIRY
                && expected.expiryMillis() <= clock.millis() + CLOCK_TOLERANCE_MILLIS;
        if (expected.value().isPresent() && !expired) {
          note(key);
        }
      });
      page.keys.clear();
      page.bytes = 0;
    }

    private boolean equal(Expected expected, Record held, boolean exactExpiry) {
      boolean near =
          !exactExpiry
              && held.expires()
              && Math.abs(held.expiryMillis() - expected.expiryMillis()) <= CLOCK_TOLERANCE_MILLIS;
      Record seen =
          near
              ? new Record(
                  held.database(),
                  held.key(),
                  expected.expiryMillis(),
                  held.heat(),
                  held.type(),
                  held.version(),
                  held.value())
              : held;
      return lens.fingerprint(seen, fingerprinter.fingerprint(seen)).equals(expected.value());
    }

    private void note(ByteBuffer key) {
      differing++;
      if (examples.size() < MOST_EXAMPLES) {
        examples.add(Printable.of(key));
      }
    }
  }
}
