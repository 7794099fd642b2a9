package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.repository.manifest.Added;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.StoredObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompactionPlanTest {
  private static final Instant TIME = Instant.parse("2026-11-23T06:00:00Z");

  /// A snapshot of layers of so many bytes, oldest first; the first one has three runs.
  private static Manifest layered(List<Long> bytes) {
    List<RunDescriptor> runs = new ArrayList<>();
    for (int layer = 0; layer < bytes.size(); layer++) {
      int count = layer == 0 ? 3 : 1;
      for (int i = 0; i < count; i++) {
        String id = "%012x-%04d".formatted(layer, i);
        StoredObject index = new StoredObject("caches/c/run/" + id + ".index", 1, "00");
        runs.add(
            new RunDescriptor(
                id,
                1,
                0,
                1,
                bytes.get(layer) / count,
                "0".repeat(16),
                "f".repeat(16),
                List.of(),
                index));
      }
    }
    return new Manifest(
        Manifest.FORMAT,
        "3f9a1c0b22de",
        "c",
        TIME,
        TIME,
        Consistency.crashCut(0),
        "cluster",
        "psync",
        Added.full(0, 0),
        Optional.empty(),
        Contents.NONE,
        "0:" + "0".repeat(32),
        List.of(),
        runs,
        List.of(),
        List.of(),
        "dev");
  }

  private static List<Long> sizes(long large, int smallOnes) {
    List<Long> sizes = new ArrayList<>(List.of(large));
    for (int i = 0; i < smallOnes; i++) {
      sizes.add(300L);
    }
    return sizes;
  }

  @Test
  void leaving_asManyLayersAsAllowed_mergesNothing() {
    Manifest manifest = layered(sizes(90_000, 7));
    assertThat(CompactionPlan.leaving(8, manifest).first()).isEqualTo(manifest.runs().size());
  }

  @Test
  void leaving_manySmallLayersOnALargeOne_leavesTheLargeOneAlone() {
    assertThat(CompactionPlan.leaving(8, layered(sizes(90_000, 8))).first()).isEqualTo(3);
  }

  @Test
  void leaving_changesThatAreAGoodPartOfWhatTheyChange_mergesEverything() {
    assertThat(CompactionPlan.leaving(8, layered(sizes(4_800, 8))).first()).isZero();
  }

  @Test
  void leaving_layersThatEachAreMuchSmallerThanTheOneBelow_leavesHalfOfThoseAllowed() {
    List<Long> sizes = new ArrayList<>();
    for (long bytes = 3L << 40; bytes > 1_000; bytes >>= 4) {
      sizes.add(bytes);
    }
    assertThat(sizes).hasSize(8);
    assertThat(CompactionPlan.leaving(6, layered(sizes)).first()).isEqualTo(4);
  }

  /// A thousand backups that each change a thousandth: what compaction writes again, and how many
  /// layers it leaves.
  @Test
  void leaving_againAndAgain_writesEachRecordAgainAFewTimesOnly() {
    List<Long> sizes = new ArrayList<>(List.of(300_000L));
    long written = 0;
    for (int backup = 0; backup < 1_000; backup++) {
      sizes.add(300L);
      Manifest manifest = layered(sizes);
      int first = CompactionPlan.leaving(8, manifest).first();
      if (first < manifest.runs().size()) {
        int layer = first == 0 ? 0 : first - 2;
        long merged = sizes.subList(layer, sizes.size()).stream().mapToLong(Long::longValue).sum();
        sizes.subList(layer, sizes.size()).clear();
        // The cache does not grow: what lies at the bottom is all of it.
        sizes.add(layer == 0 ? 300_000L : merged);
        written += merged;
      }
      assertThat(sizes).hasSizeLessThan(9);
    }
    assertThat(written).isLessThan(8L * 1_000 * 300);
  }
}
