package io.ringkeep.lookup;

import io.ringkeep.lookup.KeyScan.Seen;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.repository.manifest.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who takes the room in a snapshot: its keys summed by type, database, expiry and the beginning of
/// their names, in fixed memory.
///
/// A key takes the bytes of its name, expiry and value as an RDB has them, as in [Manifest#bytes].
public final class SpaceReport implements KeyScan.Taker {
  private static final int MOST_BRANCHES = 100_000;

  /// Keys, and what they take.
  ///
  /// @param bytes of names and values
  /// @param largestBytes of the key that takes most
  public record Space(long keys, long bytes, long largestBytes) {
    private static final Space NONE = new Space(0, 0, 0);

    private Space plus(long added) {
      return new Space(keys + 1, bytes + added, Math.max(largestBytes, added));
    }
  }

  /// How long a key had to live when the snapshot was taken.
  public enum Lifetime {
    /// It has no expiry.
    FOREVER,
    /// Nothing: it had expired and was still there.
    NONE,
    HOUR,
    DAY,
    WEEK,
    LONGER;

    private static Lifetime of(long expiryMillis, Instant taken) {
      if (expiryMillis == Record.NO_EXPIRY) {
        return FOREVER;
      }
      long left = expiryMillis - taken.toEpochMilli();
      if (left <= 0) {
        return NONE;
      }
      return left <= Duration.ofHours(1).toMillis()
          ? HOUR
          : left <= Duration.ofDays(1).toMillis()
              ? DAY
              : left <= Duration.ofDays(7).toMillis() ? WEEK : LONGER;
    }
  }

  private final Map<LogicalType, Space> types = new EnumMap<>(LogicalType.class);
  private final SortedMap<Integer, Space> databases = new TreeMap<>();
  private final Map<Lifetime, Space> lifetimes = new EnumMap<>(Lifetime.class);
  private final PrefixTree tree;
  private final LargestKeys largest;
  private Space all = Space.NONE;
  private @Nullable Manifest snapshot;

  /// A report of nothing yet, for [KeyScan#run].
  ///
  /// @param separator what parts the words of names
  /// @param largest how many of the largest keys are named
  public SpaceReport(String separator, int largest) {
    this.tree = new PrefixTree(separator, MOST_BRANCHES);
    this.largest = new LargestKeys(largest);
  }

  @Override
  public void begin(Manifest of) {
    snapshot = of;
  }

  @Override
  public void take(Seen seen) {
    long bytes = seen.recordBytes();
    all = all.plus(bytes);
    add(types, seen.type(), bytes);
    add(databases, seen.database(), bytes);
    add(lifetimes, Lifetime.of(seen.expiryMillis(), snapshot().time()), bytes);
    tree.add(seen.name(), seen.type(), bytes);
    largest.add(seen);
  }

  private static <K> void add(Map<K, Space> map, K part, long bytes) {
    map.put(part, map.getOrDefault(part, Space.NONE).plus(bytes));
  }

  /// The snapshot that it is about.
  public Manifest snapshot() {
    return Optional.ofNullable(snapshot).orElseThrow();
  }

  /// All keys.
  public Space all() {
    return all;
  }

  /// By type; those that are there.
  public Map<LogicalType, Space> types() {
    return types;
  }

  /// By database; those that are there.
  public SortedMap<Integer, Space> databases() {
    return databases;
  }

  /// By the time they had to live; those that are there.
  public Map<Lifetime, Space> lifetimes() {
    return lifetimes;
  }

  /// By the beginning of their names.
  public PrefixTree.Branch tree() {
    return tree.root();
  }

  /// Those with the largest values.
  public LargestKeys largest() {
    return largest;
  }
}
