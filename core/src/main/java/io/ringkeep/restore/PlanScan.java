package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a snapshot for a plan, where its manifest does not say all: what a selection selects, what
/// crosses to the target in another form, which keys were used most, and whether two records would
/// become one key.
final class PlanScan {
  /// @param selected empty if all of the snapshot is
  /// @param hot empty if no key's heat is known, or none is to go first
  record Result(Optional<Selected> selected, Crossing crossing, Optional<HotKeys> hot) {
    static Result ofAll(Ability ability) {
      return new Result(Optional.empty(), Crossing.asTheyAre(ability), Optional.empty());
    }
  }

  private final Shaping shaping;
  private final RecordHasher hasher;
  private final Crossing.Finder finder;
  private final HotKeys.Finder hot = new HotKeys.Finder();
  private final long nowMillis;
  private final long inAnHour;

  private long records;
  private long bytes;
  private long expired;
  private long expiringWithinHour;
  private int highestDatabase;

  /// Positions of what comes out, if two could be the same key: eight bytes a record.
  private long[] positions = new long[0];

  private PlanScan(Shaping shaping, HashKey key, Ability ability, Clock clock) {
    this.shaping = shaping;
    this.hasher = new RecordHasher(key);
    this.finder = new Crossing.Finder(ability);
    this.nowMillis = clock.millis();
    this.inAnHour = nowMillis + Duration.ofHours(1).toMillis();
  }

  /// Reads some slots of the snapshot once, a second time if two records would become one key, or
  /// not at all if the manifest says everything.
  ///
  /// @param hotPercent how many of the keys, the hottest, are to go first
  /// @throws BackupException.NotFound if nothing is selected
  /// @throws BackupException.InvalidRequest if two records would become one key
  static Result run(
      Repository repository,
      Manifest manifest,
      List<SlotRange> slots,
      Shaping shaping,
      Ability ability,
      int hotPercent,
      Clock clock)
      throws IOException {
    boolean asTheyAre = Crossing.asTheyAre(ability, manifest.contents());
    if (shaping.plain() && asTheyAre && hotPercent == 0) {
      return Result.ofAll(ability);
    }
    PlanScan scan = new PlanScan(shaping, repository.hashKey(), ability, clock);
    SnapshotFeed.feed(repository, manifest, slots, clock, SnapshotFeed.Check.COUNTS, scan::add);
    if (scan.records == 0 && !shaping.plain()) {
      throw new BackupException.NotFound(
          "no record of the snapshot is selected: snapshot=%s records=%d"
              .formatted(manifest.id(), manifest.records()),
          "nothing was changed; see what is there: ringkeep show --snapshot " + manifest.id());
    }
    Set<Long> twice = scan.twice();
    if (!twice.isEmpty()) {
      SnapshotFeed.feed(
          repository,
          manifest,
          slots,
          clock,
          SnapshotFeed.Check.COUNTS,
          new Collisions(shaping, scan.hasher, twice)::add);
    }
    Selected selected =
        new Selected(
            scan.records, scan.bytes, scan.expired, scan.expiringWithinHour, scan.highestDatabase);
    return new Result(
        shaping.plain() ? Optional.empty() : Optional.of(selected),
        scan.finder.crossing(),
        Optional.of(scan.hot.hottest(hotPercent)).filter(hottest -> hottest.keys() > 0));
  }

  private void add(Record original) {
    Record record = shaping.of(original);
    if (record == null) {
      return;
    }
    if (shaping.renames()) {
      if (records == positions.length) {
        positions =
            Arrays.copyOf(positions, Math.max(1024, positions.length + positions.length / 2));
      }
      positions[(int) records] = hasher.position(record.database(), record.key());
    }
    records++;
    bytes += record.key().remaining() + record.value().remaining();
    highestDatabase = Math.max(highestDatabase, record.database());
    if (record.expiredAt(nowMillis)) {
      expired++;
    } else if (record.expiredAt(inAnHour)) {
      expiringWithinHour++;
    }
    finder.add(record);
    hot.add(record);
  }

  /// Positions that came more than once; empty where names stay.
  private Set<Long> twice() {
    Set<Long> twice = new HashSet<>();
    if (shaping.renames()) {
      Arrays.sort(positions, 0, (int) records);
      for (int i = 1; i < records; i++) {
        if (positions[i] == positions[i - 1]) {
          twice.add(positions[i]);
        }
      }
    }
    return twice;
  }

  /// Finds out whether records at the same position are the same key.
  private static final class Collisions {
    private record Name(int database, ByteBuffer key) {}

    private final Shaping shaping;
    private final RecordHasher hasher;
    private final Set<Long> positions;
    private final Map<Name, String> seen = new HashMap<>();

    Collisions(Shaping shaping, RecordHasher hasher, Set<Long> positions) {
      this.shaping = shaping;
      this.hasher = hasher;
      this.positions = positions;
    }

    void add(Record original) {
      @Nullable Record record = shaping.of(original);
      if (record == null || !positions.contains(hasher.position(record.database(), record.key()))) {
        return;
      }
      Record copy = record.copy();
      String from =
          "database=%d key=%s".formatted(original.database(), Printable.of(original.key()));
      String before = seen.putIfAbsent(new Name(copy.database(), copy.key()), from);
      if (before != null) {
        throw new BackupException.InvalidRequest(
            "two records would become one key: first=(%s) second=(%s) both=(database=%d key=%s)"
                .formatted(before, from, copy.database(), Printable.of(copy.key())),
            "nothing was changed; rename to another prefix, or --exclude one of them");
      }
    }
  }
}
