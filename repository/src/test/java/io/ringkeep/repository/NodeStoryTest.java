package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Record;
import io.ringkeep.nodes.NodeFindings;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.nodes.TestNodes;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole story of a repository on many nodes: backed up, lost, repaired, restored, with faults.
class NodeStoryTest {
  private static final int STORIES =
      "full".equals(System.getProperty("ringkeep.proof")) ? 2000 : 12;
  @TempDir Path folder;

  @Test
  void snapshots_throughLossesAndFaults_areReadBackAsTheyWere() throws IOException {
    Random seeds = Seeds.random("NodeStoryTest");
    for (int i = 0; i < STORIES; i++) {
      long seed = seeds.nextLong();
      try {
        story(new TestNodes(folder.resolve("story-" + i), 6), new Random(seed));
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("story %d failed: its own seed is %d".formatted(i, seed), e);
      }
    }
  }

  private static void story(TestNodes nodes, Random random) throws IOException {
    String strategy = random.nextBoolean() ? "erasure:4+2" : "copy:3";
    Map<String, List<Record>> committed = new HashMap<>();
    try (PlacedStore store = nodes.create(strategy)) {
      TestSnapshots.init(store, TestSnapshots.FAST);
    }
    for (int chapter = 0; chapter < 4; chapter++) {
      double faulty = random.nextInt(3) == 0 ? 0.25 : 0.02;
      Random faults = new Random(random.nextLong());
      try (PlacedStore store = nodes.open((_, node) -> new FaultyStore(node, faults, faulty))) {
        Repository repository = TestSnapshots.open(store, TestSnapshots.FAST);
        List<Record> records = TestSnapshots.records(repository, random, 300, 400);
        String id = TestSnapshots.backup(repository, List.of(records)).id();
        committed.put(id, records);
      } catch (IOException | BackupException e) {
        // It failed, as it may: then it must have left nothing that counts.
      }
      readAll(nodes, committed);
      List<String> ids = new ArrayList<>(nodes.ids());
      Collections.shuffle(ids, random);
      List<String> wiped = ids.subList(0, 2);
      try (PlacedStore store = nodes.open()) {
        // Whatever was degraded by faults is made whole before more is lost.
        NodeFindings findings = TestNodes.repair(store);
        assertThat(findings.failed()).isEmpty();
      }
      for (String node : wiped) {
        nodes.wipe(node);
      }
      readAll(nodes, committed);
      try (PlacedStore store = nodes.open()) {
        NodeFindings findings = TestNodes.repair(store);
        assertThat(findings.adopted()).containsExactlyInAnyOrderElementsOf(wiped);
      }
      readAll(nodes, committed);
    }
  }

  private static void readAll(TestNodes nodes, Map<String, List<Record>> committed)
      throws IOException {
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

  /// Fails some of its calls, before or after they have worked.
  private static final class FaultyStore extends WatchedStore {
    private final Random random;
    private final double share;

    FaultyStore(ObjectStore store, Random random, double share) {
      super(store);
      this.random = random;
      this.share = share;
    }

    private synchronized boolean fails() {
      synchronized (random) {
        return random.nextDouble() < share;
      }
    }

    private void maybe(String call) throws IOException {
      if (fails()) {
        throw new IOException("injected: " + call);
      }
    }

    @Override
    public void put(String key, ByteBuffer content) throws IOException {
      maybe("put");
      super.put(key, content);
      maybe("put, which worked");
    }

    @Override
    public boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
      maybe("create");
      boolean created = super.createIfAbsent(key, content);
      maybe("create, which worked");
      return created;
    }

    @Override
    public ObjectUpload upload(String key) throws IOException {
      maybe("upload");
      ObjectUpload upload = super.upload(key);
      return new ObjectUpload() {
        @Override
        public void write(ByteBuffer content) throws IOException {
          maybe("write");
          upload.write(content);
        }

        @Override
        public boolean commit() throws IOException {
          maybe("commit");
          boolean committed = upload.commit();
          maybe("commit, which worked");
          return committed;
        }

        @Override
        public void close() throws IOException {
          upload.close();
        }
      };
    }

    @Override
    public OptionalLong size(String key) throws IOException {
      maybe("size");
      return super.size(key);
    }

    @Override
    public ByteBuffer read(String key) throws IOException {
      maybe("read");
      return super.read(key);
    }

    @Override
    public void read(String key, long offset, ByteBuffer into) throws IOException {
      maybe("range");
      super.read(key, offset, into);
    }

    @Override
    public void delete(String key) throws IOException {
      maybe("delete");
      super.delete(key);
    }

    @Override
    public List<ObjectInfo> list(String directory) throws IOException {
      maybe("list");
      return super.list(directory);
    }
  }
}
