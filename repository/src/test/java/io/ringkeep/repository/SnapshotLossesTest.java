package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.nodes.MemoryNodes;
import io.ringkeep.nodes.NodeCare;
import io.ringkeep.nodes.NodeFindings;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.nodes.TestNodes;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.ReadOptions;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is lost is named exactly, and nothing else is.
class SnapshotLossesTest {
  private final Random random = Seeds.random("SnapshotLossesTest");

  @Test
  void shardsOf6_anyNodeGone_losesItsRangeAndRestoresTheRest() throws IOException {
    MemoryNodes nodes = new MemoryNodes(6);
    List<Record> records;
    try (PlacedStore store = nodes.create("shard:6")) {
      Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
      records = TestSnapshots.records(repository, random, 3_000, 200);
      TestSnapshots.backup(repository, List.of(records));
    }
    Set<Integer> ranges = new HashSet<>();
    for (String gone : nodes.ids()) {
      if (gone.equals("a")) {
        continue; // It decides; the others read as well without it, which NodeChangeTest shows.
      }
      try (PlacedStore store = nodes.openWithout(gone)) {
        Repository repository = TestSnapshots.open(store, TestSnapshots.FAST);
        Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
        try (SnapshotReader reader =
            SnapshotReader.open(repository, manifest, new ReadOptions(1 << 20, 2))) {
          SnapshotLosses losses = reader.losses();
          assertThat(losses.none()).isFalse();
          assertThat(losses.slots()).hasSize(1);
          int range = losses.slots().getFirst().first() * 6 / Slot.COUNT;
          assertThat(losses.slots().getFirst().last() * 6 / Slot.COUNT).isEqualTo(range);
          assertThat(ranges.add(range)).as("a range of its own").isTrue();
          long rest = TestSnapshots.count(repository, manifest, losses.readable());
          assertThat(rest + losses.keys()).isEqualTo(records.size());
          assertThat(losses.keys()).isBetween(300L, 700L);
        }
      }
    }
  }

  @Test
  void erasureOf4And2_anyTwoGone_losesNothing() throws IOException {
    MemoryNodes nodes = new MemoryNodes(6);
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
      TestSnapshots.backup(
          repository, List.of(TestSnapshots.records(repository, random, 500, 200)));
    }
    try (PlacedStore store = nodes.openWithout("b", "d")) {
      Repository repository = TestSnapshots.open(store, TestSnapshots.FAST);
      Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
      try (SnapshotReader reader =
          SnapshotReader.open(repository, manifest, new ReadOptions(1 << 20, 2))) {
        assertThat(reader.losses().none()).isTrue();
      }
    }
    try (PlacedStore store = nodes.openWithout("b", "d", "e")) {
      Repository repository = TestSnapshots.open(store, TestSnapshots.FAST);
      Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
      try (SnapshotReader reader =
          SnapshotReader.open(repository, manifest, new ReadOptions(1 << 20, 2))) {
        assertThat(reader.losses().keys()).isEqualTo(500);
        assertThat(reader.losses().objects()).containsExactlyInAnyOrderElementsOf(data(manifest));
      }
    }
  }

  @Test
  void scrub_oneByteFlippedInOneOfHundredPieces_findsEachAndHealsIt() throws IOException {
    MemoryNodes nodes = new MemoryNodes(6);
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
      TestSnapshots.backup(
          repository, List.of(TestSnapshots.records(repository, random, 3_000, 300)));
    }
    Set<String> flipped = new HashSet<>();
    for (String node : List.of("b", "e")) {
      for (String piece : nodes.pieces(node)) {
        if (flipped.isEmpty() || random.nextInt(50) == 0) {
          nodes.flip(node, piece, random.nextInt(1 << 20));
          flipped.add(node + ": " + piece);
        }
      }
    }
    assertThat(flipped).isNotEmpty();
    try (PlacedStore store = nodes.open()) {
      NodeFindings found = TestNodes.care(store, NodeCare.Options.repairing().readingAll());
      assertThat(found.damaged()).containsExactlyInAnyOrderElementsOf(flipped);
      assertThat(found.rebuilt()).isEqualTo(flipped.size());
      assertThat(found.healthy()).isTrue();
      assertThat(TestNodes.care(store, NodeCare.Options.scrub()).damaged()).isEmpty();
    }
  }

  private static List<String> data(Manifest manifest) {
    return manifest.runs().stream()
        .flatMap(run -> run.objects().stream())
        .map(object -> object.name())
        .toList();
  }
}
