package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Record;
import io.ringkeep.nodes.MemoryNodes;
import io.ringkeep.nodes.NodeCensus;
import io.ringkeep.nodes.NodeFindings;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.nodes.TestNodes;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.repository.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The whole story of a repository on many nodes: backed up on bad days, lost, repaired, restored.
/// What was committed is read back as it was, and never comes back when it was not.
class NodeStoryTest {
  private static final int STORIES = "full".equals(System.getProperty("ringkeep.proof")) ? 2000 : 4;
  private static final int CHAPTERS = 4;

  /// What goes wrong while a backup runs.
  enum BadDay {
    NONE,
    FEW_CALLS_FAIL,
    MANY_CALLS_FAIL,
    ONE_DIES_HALF_WAY,
    ONE_IS_FULL,
    ONE_IS_READ_ONLY,
    ONE_IS_UNREACHABLE,
    ONE_IS_SLOW,
    COMMIT_NODE_DIES
  }

  /// What is done to the nodes when all is well again.
  enum Change {
    NONE,
    ANOTHER_DECIDES,
    ONE_LEAVES_AND_JOINS_AGAIN,
    ONE_IS_LOST_AND_JOINS_AGAIN
  }

  /// What is lost afterwards, of two nodes at most.
  enum Loss {
    TWO_WIPED,
    ONE_SET_BACK,
    COMMIT_NODE_SET_BACK,
    ONE_FOREIGN_ONE_WIPED
  }

  @Test
  void snapshots_throughBadDaysAndLosses_areReadBackAsTheyWere() throws IOException {
    Random seeds = Seeds.random("NodeStoryTest");
    for (int i = 0; i < STORIES; i++) {
      long seed = seeds.nextLong();
      try {
        new Story(new Random(seed)).run();
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("story %d failed: its own seed is %d".formatted(i, seed), e);
      }
    }
  }

  private static final class Story {
    private final Random random;
    private final MemoryNodes nodes = new MemoryNodes(7);
    private final MemoryNodes foreign = new MemoryNodes(7);
    private boolean shards;
    private final Map<String, List<Record>> committed = new HashMap<>();
    private final List<String> told = new ArrayList<>();

    Story(Random random) {
      this.random = random;
    }

    void run() throws IOException {
      String strategy = List.of("erasure:4+2", "copy:3", "shard:6").get(random.nextInt(3));
      told.add(strategy);
      shards = strategy.startsWith("shard");
      try (PlacedStore store = nodes.create(strategy)) {
        TestSnapshots.init(store, TestSnapshots.FAST);
      }
      foreign.create(strategy).close();
      for (int chapter = 0; chapter < CHAPTERS; chapter++) {
        Map<String, Map<String, ByteBuffer>> before = new HashMap<>();
        for (String id : nodes.ids()) {
          before.put(id, nodes.content(id));
        }
        try {
          backUp(pick(BadDay.values()));
          readOn(pick(BadDay.values()));
          // Whatever was degraded is made whole before more is lost.
          repairOn(pick(BadDay.values()));
          repair();
          if (!shards) {
            lose(pick(Loss.values()), before);
            repairOn(pick(BadDay.values()));
            repair();
          }
          change(pick(Change.values()));
          repair();
        } catch (IOException | RuntimeException | AssertionError e) {
          throw new AssertionError("after " + told, e);
        }
      }
    }

    private <T> T pick(T[] values) {
      T picked = values[random.nextInt(values.length)];
      told.add(picked.toString());
      return picked;
    }

    private void backUp(BadDay day) throws IOException {
      String victim =
          day == BadDay.COMMIT_NODE_DIES
              ? "a"
              : nodes.ids().get(random.nextInt(nodes.ids().size()));
      Random faults = new Random(random.nextLong());
      Clock clock = Clock.offset(TestSnapshots.CLOCK, Duration.ofHours(random.nextInt(48) - 24L));
      try (PlacedStore store =
          nodes.open((id, place) -> BadNode.of(day, id.equals(victim), place, faults))) {
        Repository repository =
            Repository.open(store, TestSnapshots.passphrase(TestSnapshots.FAST), clock);
        List<Record> records = TestSnapshots.records(repository, random, 200, 300);
        String id = TestSnapshots.backup(repository, List.of(records)).id();
        committed.put(id, records);
        told.add("committed");
      } catch (IOException | BackupException e) {
        // It failed, as it may: then it must have left nothing that counts, or all of it.
        told.add("failed");
      }
      readAll();
    }

    private PlacedStore openOn(BadDay day) throws IOException {
      String victim = nodes.ids().get(random.nextInt(nodes.ids().size()));
      Random faults = new Random(random.nextLong());
      return nodes.open((id, place) -> BadNode.of(day, id.equals(victim), place, faults));
    }

    /// On a bad day there is an error, or what was written.
    private void readOn(BadDay day) {
      try (PlacedStore store = openOn(day)) {
        Repository repository = TestSnapshots.open(store, TestSnapshots.FAST);
        for (Map.Entry<String, List<Record>> snapshot : committed.entrySet()) {
          Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve(snapshot.getKey());
          assertThat(TestSnapshots.read(repository, manifest))
              .containsExactlyInAnyOrderElementsOf(snapshot.getValue());
        }
        told.add("read");
      } catch (IOException | BackupException e) {
        told.add("not read");
      }
    }

    /// What a repair leaves that fails half-way, another one mends.
    private void repairOn(BadDay day) throws IOException {
      try (PlacedStore store = openOn(day)) {
        TestNodes.repair(store);
        told.add("repaired");
      } catch (IOException | BackupException e) {
        told.add("not repaired");
      }
    }

    private void change(Change change) throws IOException {
      if (change == Change.NONE) {
        return;
      }
      String id = nodes.ids().get(random.nextInt(nodes.ids().size()));
      if (change == Change.ANOTHER_DECIDES) {
        TestNodes.change(nodes.open(), nodeChange -> nodeChange.promote(id));
        return;
      }
      if (change == Change.ONE_LEAVES_AND_JOINS_AGAIN) {
        TestNodes.change(nodes.open(), nodeChange -> nodeChange.drain(id));
      } else if (shards) {
        return; // What it holds would be lost with it.
      } else {
        nodes.wipe(id);
        TestNodes.change(nodes.open(), nodeChange -> nodeChange.lost(id));
      }
      try (PlacedStore store = nodes.open()) {
        NodeFindings findings = TestNodes.rebalance(store);
        assertThat(findings.failed()).isEmpty();
      }
      TestNodes.change(nodes.open(), nodeChange -> nodeChange.remove(id));
      nodes.wipe(id);
      TestNodes.change(
          nodes.openWithout(id), nodeChange -> nodeChange.add(StorageNode.of(id), nodes.store(id)));
      try (PlacedStore store = nodes.open()) {
        assertThat(TestNodes.rebalance(store).failed()).isEmpty();
      }
    }

    private void lose(Loss loss, Map<String, Map<String, ByteBuffer>> before) throws IOException {
      List<String> ids = new ArrayList<>(nodes.ids());
      Collections.shuffle(ids, random);
      String one = ids.get(0);
      String other = ids.get(1);
      switch (loss) {
        case TWO_WIPED -> {
          nodes.wipe(one);
          nodes.wipe(other);
        }
        case ONE_SET_BACK -> nodes.setTo(one, before.getOrDefault(one, Map.of()));
        case COMMIT_NODE_SET_BACK -> nodes.setTo("a", before.getOrDefault("a", Map.of()));
        case ONE_FOREIGN_ONE_WIPED -> {
          nodes.setTo(one, foreign.content(one));
          nodes.wipe(other);
          readAll();
          nodes.wipe(one); // The wrong disk is taken out, an empty one put in.
        }
      }
      readAll();
    }

    private void repair() throws IOException {
      try (PlacedStore store = nodes.open()) {
        NodeFindings findings = TestNodes.repair(store);
        assertThat(findings.failed()).isEmpty();
        assertThat(findings.lost()).isSubsetOf(orphans(store));
      }
      try (PlacedStore store = nodes.open()) {
        assertThat(store.away()).isEmpty();
        assertThat(store.readOnlyBecause()).isEmpty();
      }
      readAll();
      try (PlacedStore store = nodes.open()) {
        assertThat(NodeCensus.take(store).lost()).isSubsetOf(orphans(store));
      }
    }

    /// Of a backup that failed, too few pieces may be left to have an object back: nobody needs it.
    private List<String> orphans(PlacedStore store) throws IOException {
      Repository repository = TestSnapshots.open(store, TestSnapshots.FAST);
      return SnapshotObjects.orphans(repository, TestSnapshots.CACHE).stream()
          .map(object -> object.key())
          .toList();
    }

    private void readAll() throws IOException {
      try (PlacedStore store = nodes.open()) {
        Repository repository = TestSnapshots.open(store, TestSnapshots.FAST);
        List<String> ids =
            repository.snapshots(TestSnapshots.CACHE).all().stream().map(Manifest::id).toList();
        assertThat(ids).containsAll(committed.keySet());
        for (Map.Entry<String, List<Record>> snapshot : committed.entrySet()) {
          Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve(snapshot.getKey());
          assertThat(TestSnapshots.read(repository, manifest))
              .containsExactlyInAnyOrderElementsOf(snapshot.getValue());
        }
      }
    }
  }
}
