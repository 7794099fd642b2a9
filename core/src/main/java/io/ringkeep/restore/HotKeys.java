package io.ringkeep.restore;

import io.ringkeep.model.Heat;
import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The records that were used most, which a restore sends first.
///
/// @param leastFrequency the smallest LFU counter that is hot
/// @param coldestIdle the coldest class of idle times that is hot
/// @param keys how many are hot
/*
 * Records lie in the order of their slots, and sorting all by heat would take memory for each key or a second copy of
 * the snapshot. So they are only told apart: the plan's look at the snapshot counts how many there are of each heat,
 * some kilobytes whatever their number, which gives a border; then the snapshot is fed twice, first what is hotter.
 */
public record HotKeys(int leastFrequency, int coldestIdle, long keys) {
  private static final int FREQUENCIES = 256;

  /// Each power of two of seconds has this many classes.
  private static final int CLASSES_OF_POWER = 8;

  private static final int IDLE_CLASSES = Long.SIZE * CLASSES_OF_POWER;

  boolean includes(Record record) {
    return switch (record.heat()) {
      case Heat.Unknown() -> false;
      case Heat.Idle(long seconds) -> idleClass(seconds) <= coldestIdle;
      case Heat.Frequency(int counter) -> counter >= leastFrequency;
    };
  }

  /// What a person should know who counts on them.
  static List<String> warnings(Optional<HotKeys> hot, Manifest manifest) {
    if (hot.isEmpty()) {
      return List.of(
          "how hot keys were is not known: the source ran without an LRU or LFU maxmemory-policy, so"
              + " keys come in the order of their slots");
    }
    List<String> warnings = new ArrayList<>();
    List<String> replicas =
        manifest.shards().stream()
            .filter(shard -> shard.role().equals("replica"))
            .map(ManifestShard::endpoint)
            .toList();
    if (!replicas.isEmpty()) {
      warnings.add(
          "how hot keys were was recorded by replicas, which see no reads, so it is noise: replicas=%s"
                  .formatted(replicas)
              + "; 'backup --from primary' reads what primaries recorded");
    }
    if (manifest.runs().size() > 1) {
      warnings.add(
          "how hot a key was is known as of its last change, since reads are no change for a backup;"
              + " 'backup --full' records it anew");
    }
    return warnings;
  }

  /// Grows with the time, by an eighth at most from one to the next.
  private static int idleClass(long seconds) {
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, seconds));
    long within = power < 3 ? seconds << (3 - power) : seconds >>> (power - 3);
    return power * CLASSES_OF_POWER + (int) (within & (CLASSES_OF_POWER - 1));
  }

  /// Finds the border between hot and cold.
  static final class Finder {
    /// Counted by class, the hottest first.
    private final long[] byFrequency = new long[FREQUENCIES];

    private final long[] byIdle = new long[IDLE_CLASSES];

    void add(Record record) {
      switch (record.heat()) {
        case Heat.Unknown() -> {}
        case Heat.Idle(long seconds) -> byIdle[idleClass(seconds)]++;
        case Heat.Frequency(int counter) -> byFrequency[FREQUENCIES - 1 - counter]++;
      }
    }

    /// The hottest `percent` of all records, or fewer, since equally hot ones stay together; but at
    /// least the hottest of all. Those of servers that recorded frequencies and of those that
    /// recorded idle times are told apart separately.
    HotKeys hottest(int percent) {
      int frequencies = classes(byFrequency, percent);
      int idles = classes(byIdle, percent);
      return new HotKeys(
          FREQUENCIES - frequencies, idles - 1, sum(byFrequency, frequencies) + sum(byIdle, idles));
    }

    /// How many of the first classes are hot.
    private static int classes(long[] counts, int percent) {
      long wanted = sum(counts, counts.length) * percent / 100;
      int classes = 0;
      long so = 0;
      for (int i = 0; i < counts.length && (so == 0 || so + counts[i] <= wanted); i++) {
        so += counts[i];
        classes = counts[i] == 0 ? classes : i + 1;
      }
      return classes;
    }

    private static long sum(long[] counts, int classes) {
      long sum = 0;
      for (int i = 0; i < classes; i++) {
        sum += counts[i];
      }
      return sum;
    }
  }
}
