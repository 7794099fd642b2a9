package io.ringkeep.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Troubles of nodes that were once mistaken for something harmless.
class NodeTroubleTest {
  private static final Clock CLOCK = Clock.systemUTC();
  private static final String NOTE = "keys/note.txt";

  private final MemoryNodes nodes = new MemoryNodes(4);

  private static MemoryNodes.Fault unlistable(String victim) {
    return (id, store) ->
        id.equals(victim)
            ? new WatchedStore(store) {
              @Override
              public List<ObjectInfo> list(String directory) throws IOException {
                if (directory.startsWith("placement/")) {
                  return super.list(directory);
                }
                throw new IOException("injected: list");
              }
            }
            : store;
  }

  private static String write(PlacedStore store, int number, int size) throws IOException {
    String name = "caches/c/run/x-%04d%s.data".formatted(number, store.placeMark(0));
    byte[] content = new byte[size];
    content[0] = (byte) number;
    assertThat(store.createIfAbsent(name, ByteBuffer.wrap(content))).isTrue();
    return name;
  }

  @Test
  void listing_fails_isNotTakenForAnEmptyNode() throws IOException {
    try (PlacedStore store = nodes.create("copy:2")) {
      for (int i = 0; i < 20; i++) {
        write(store, i, 100);
      }
      NodeChange.of(store).drain("b").apply(CLOCK);
    }
    try (PlacedStore store = nodes.open(unlistable("b"))) {
      assertThat(NodeCensus.take(store).unlisted()).containsOnlyKeys("b");
      assertThatThrownBy(() -> NodeChange.of(store).remove("b").plan())
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("pieces=unknown");
    }
    try (PlacedStore store = nodes.open(unlistable("b"))) {
      NodeFindings findings = TestNodes.care(store, NodeCare.Options.scrub());
      assertThat(findings.healthy()).isFalse();
      assertThat(findings.failed()).containsKey("b: its listing");
      store.list("");
      assertThat(store.reads().unlisted()).containsOnlyKeys("b");
    }
  }

  @Test
  void census_copyMissing_isCounted() throws IOException {
    try (PlacedStore store = nodes.create("copy:2")) {
      store.createIfAbsent(NOTE, ByteBuffer.allocate(3));
      write(store, 0, 100);
      assertThat(NodeCensus.take(store).degradedCopies()).isZero();
    }
    nodes.store("c").delete(NOTE);
    try (PlacedStore store = nodes.open()) {
      NodeCensus census = NodeCensus.take(store);
      assertThat(census.degradedCopies()).isEqualTo(1);
      assertThat(census.degraded()).isZero();
      assertThat(TestNodes.care(store, NodeCare.Options.repairing()).copied()).isEqualTo(1);
      assertThat(NodeCensus.take(store).degradedCopies()).isZero();
    }
  }

  @Test
  void census_objectOfWhichNothingIsLeft_isLostIfItIsNeeded() throws IOException {
    String name;
    try (PlacedStore store = nodes.create("copy:2")) {
      name = write(store, 0, 100);
    }
    for (String id : nodes.ids()) {
      nodes.store(id).delete(name + ".p1");
    }
    try (PlacedStore store = nodes.open()) {
      assertThat(NodeCensus.take(store).lost()).isEmpty();
      assertThat(NodeCensus.take(store, List.of(name)).lost()).containsExactly(name);
      assertThat(store.lacking("caches/c/", List.of(name))).containsExactly(name);
    }
  }

  /// From far away each read waits for a round trip: a unit at a time, a terabyte takes days.
  @Test
  void repair_largeObject_readsItsPiecesInMebibytes() throws IOException {
    try (PlacedStore store = nodes.create("erasure:2+2")) {
      write(store, 0, 8 << 20);
    }
    for (String piece : nodes.pieces("a")) {
      nodes.store("a").delete(piece);
    }
    AtomicLong reads = new AtomicLong();
    try (PlacedStore store =
        nodes.open((_, place) ->
            new WatchedStore(place) {
              @Override
              public void read(String key, long offset, ByteBuffer into) throws IOException {
                reads.addAndGet(PieceName.parse(key).isPresent() ? 1 : 0);
                super.read(key, offset, into);
              }
            })) {
      assertThat(TestNodes.care(store, NodeCare.Options.repairing()).rebuilt()).isEqualTo(1);
      assertThat(reads.get()).as("two pieces of 4 MiB, and their ends").isBetween(8L, 24L);
      assertThat(TestNodes.care(store, NodeCare.Options.scrub()).healthy()).isTrue();
    }
  }

  @Test
  void objects_ofAStrategyThatTheNodesNeverHad_areRepairedAndMoved() throws IOException {
    String name = "caches/c/run/x-0001-e4.2.17.data";
    try (PlacedStore store = nodes.create("copy:3")) {
      store.createIfAbsent(name, ByteBuffer.allocate(100));
    }
    String holder = nodes.ids().stream().filter(id -> has(id, name)).findFirst().orElseThrow();
    nodes.store(holder).delete(name + ".p1");
    try (PlacedStore store = nodes.open()) {
      assertThat(NodeCensus.take(store).degraded()).isEqualTo(1);
      assertThat(TestNodes.care(store, NodeCare.Options.repairing()).rebuilt()).isEqualTo(1);
      assertThat(has(holder, name)).isTrue();
      nodes.place(StorageNode.of("g"));
    }
    try (PlacedStore store = nodes.openWithout("g");
        NodeChange change = NodeChange.of(store).add(StorageNode.of("g"), nodes.store("g"))) {
      change.drain(holder).apply(CLOCK);
    }
    try (PlacedStore store = nodes.open()) {
      TestNodes.care(store, NodeCare.Options.rebalance());
      assertThat(has(holder, name)).isFalse();
      assertThat(store.read(name)).isEqualTo(ByteBuffer.allocate(100));
    }
  }

  @Test
  void objects_ofAnotherStrategyOnShards_areSpread() throws IOException {
    try (PlacedStore store = nodes.create("shard:4")) {
      for (int i = 0; i < 40; i++) {
        store.createIfAbsent(
            "caches/c/run/x-%04d-c3.%d.data".formatted(i, i), ByteBuffer.allocate(10));
      }
    }
    assertThat(nodes.ids()).allMatch(id -> pieces(id) > 0);
  }

  private int pieces(String id) {
    try {
      return nodes.pieces(id).size();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private boolean has(String id, String object) {
    try {
      return nodes.pieces(id).contains(object + ".p1");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void delete_whileANodeIsNotMounted_doesNotComeBackWithIt() throws IOException {
    String name;
    try (PlacedStore store = nodes.create("copy:3")) {
      name = write(store, 0, 100);
    }
    String holder =
        nodes.ids().stream()
            .filter(id -> has(id, name) && !id.equals("a"))
            .findFirst()
            .orElseThrow();
    Map<String, ByteBuffer> disk = nodes.content(holder);
    nodes.wipe(holder);
    try (PlacedStore store = nodes.open()) {
      store.delete(name);
    }
    nodes.setTo(holder, disk);
    try (PlacedStore store = nodes.open()) {
      assertThat(store.list("caches/")).isEmpty();
      assertThat(NodeCensus.take(store).objects()).isZero();
      assertThat(TestNodes.care(store, NodeCare.Options.repairing()).healthy()).isTrue();
    }
    assertThat(nodes.content(holder).keySet()).noneMatch(key -> key.startsWith("caches/"));
  }

  @Test
  void add_removedNodeWithWhatItHeldThen_isRefused() throws IOException {
    nodes.create("copy:2").close();
    try (PlacedStore store = nodes.open()) {
      NodeChange.of(store).drain("d").apply(CLOCK);
    }
    try (PlacedStore store = nodes.open()) {
      store.createIfAbsent(NOTE, ByteBuffer.allocate(3));
      NodeChange.of(store).remove("d").apply(CLOCK);
    }
    nodes.store("d").put(NOTE, ByteBuffer.allocate(3));
    try (PlacedStore store = nodes.openWithout("d")) {
      store.delete(NOTE);
      assertThatThrownBy(
              () -> NodeChange.of(store).add(StorageNode.of("d"), nodes.store("d")).apply(CLOCK))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("comes back with what it held");
    }
    nodes.wipe("d");
    try (PlacedStore store = nodes.openWithout("d")) {
      NodeChange.of(store).add(StorageNode.of("d"), nodes.store("d")).apply(CLOCK);
      assertThat(nodes.store("d").size(NOTE)).isEmpty();
    }
  }

  @Test
  void create_twoNodesInOnePlace_isRefusedAndCanBeTriedAgain() throws IOException {
    StorageNode one = StorageNode.of("one");
    ObjectStore shared = nodes.place(one);
    List<NodeSet.Place> places =
        List.of(new NodeSet.Place(one, shared), new NodeSet.Place(StorageNode.of("two"), shared));
    assertThatThrownBy(() -> NodeSet.create(places, new Strategy.Copies(2), CLOCK))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("two nodes are the same place: nodes=one,two");
    assertThat(shared.list("")).isEmpty();
  }

  @Test
  void make_pieceOfAStripe_isPacedByWhatIsRead() throws IOException {
    MemoryNodes six = new MemoryNodes(6);
    int size = 1_000_000;
    String name;
    try (PlacedStore store = six.create("erasure:4+2")) {
      name = write(store, 0, size);
    }
    String victim =
        six.ids().stream()
            .filter(id -> {
              try {
                return !six.pieces(id).isEmpty();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            })
            .findFirst()
            .orElseThrow();
    six.store(victim).delete(six.pieces(victim).getFirst());
    AtomicLong spent = new AtomicLong();
    try (PlacedStore store = six.open()) {
      NodeFindings findings =
          TestNodes.care(store, NodeCare.Options.repairing().at(spent::addAndGet));
      assertThat(findings.rebuilt()).isEqualTo(1);
    }
    assertThat(spent.get()).as("what was read of %s", name).isEqualTo(size);
  }

  @Test
  void open_asManyNodesOfOneSetAsOfAnother_namesBoth() throws IOException {
    MemoryNodes ours = new MemoryNodes(2);
    MemoryNodes others = new MemoryNodes(2);
    ours.create("copy:2").close();
    others.create("copy:2").close();
    ours.setTo("b", others.content("b"));
    assertThatThrownBy(ours::open)
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("different repositories")
        .hasMessageContaining("[a]")
        .hasMessageContaining("[b]");
  }
}
