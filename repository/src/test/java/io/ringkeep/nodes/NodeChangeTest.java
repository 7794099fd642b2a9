package io.ringkeep.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nodes join, leave, are lost and promoted; what was written is there all the while.
class NodeChangeTest {
  private static final Clock CLOCK = Clock.systemUTC();

  private final Random random = Seeds.random("NodeChangeTest");
  private final MemoryNodes nodes = new MemoryNodes(6);
  private final Map<String, byte[]> written = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(strings = {"erasure:4+2", "copy:3"})
  void write_thousandObjects_givesEveryNodeItsShare(String strategy) throws IOException {
    try (PlacedStore store = nodes.create(strategy)) {
      write(store, 1000);
    }
    double mean = nodes.ids().stream().mapToInt(this::count).average().orElseThrow();
    assertThat(nodes.ids()).allMatch(id -> Math.abs(count(id) - mean) <= 0.05 * mean);
  }

  @ParameterizedTest
  @ValueSource(strings = {"erasure:4+2", "copy:3"})
  void add_seventhNode_movesTheMinimumThenNothing(String strategy) throws IOException {
    try (PlacedStore store = nodes.create(strategy)) {
      write(store, 700);
    }
    try (PlacedStore store = nodes.open();
        NodeChange change =
            NodeChange.of(store).add(StorageNode.of("g"), nodes.place(StorageNode.of("g")))) {
      assertThat(change.plan().moved()).isBetween(1 / 7.0 * 0.95, 1 / 7.0 * 1.05);
      assertThat(change.apply(CLOCK)).isEqualTo(2);
    }
    try (PlacedStore store = nodes.open()) {
      assertAllRead(store);
      long pieces =
          NodeCensus.take(store).nodes().values().stream().mapToLong(NodeCensus.Use::pieces).sum();
      NodeFindings findings = TestNodes.care(store, NodeCare.Options.rebalance());
      assertThat(findings.healthy()).as(findings.failed().toString()).isTrue();
      assertThat(findings.moved())
          .isBetween((long) (pieces / 7.0 * 0.9), (long) (pieces / 7.0 * 1.05));
      assertThat(findings.removed()).isEqualTo(findings.moved());
      assertAllRead(store);
      assertThat(TestNodes.care(store, NodeCare.Options.rebalance()).moved()).isZero();
      assertThat(NodeCensus.take(store).misplaced()).isZero();
    }
  }

  @Test
  void remove_nodeWithPieces_isRefusedUntilItIsDrained() throws IOException {
    nodes.place(StorageNode.of("g"));
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      write(store, 50);
    }
    try (PlacedStore store = nodes.open()) {
      assertThatThrownBy(() -> NodeChange.of(store).remove("b").plan())
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("not drained")
          .hasMessageContaining("pieces=" + count("b"));
      NodeChange.of(store).drain("b").apply(CLOCK);
    }
    try (PlacedStore store = nodes.open()) {
      assertThatThrownBy(() -> NodeChange.of(store).remove("b").plan())
          .isInstanceOf(InvalidRequest.class);
      assertThat(TestNodes.care(store, NodeCare.Options.rebalance()).healthy()).isTrue();
      assertThat(count("b")).isZero();
      NodeChange.of(store).remove("b").apply(CLOCK);
    }
    try (PlacedStore store = nodes.openWithout("b")) {
      assertThat(store.nodes()).extracting(node -> node.node().id()).doesNotContain("b");
      assertThat(store.readOnlyBecause()).isEmpty();
      assertAllRead(store);
      assertThat(NodeCensus.take(store).survival().any()).isEqualTo(2);
    }
  }

  @Test
  void lost_nodeOfSeven_isRebuiltOnTheOthers() throws IOException {
    nodes.place(StorageNode.of("g"));
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      write(store, 60);
    }
    try (PlacedStore store = nodes.openWithout("a")) {
      // It decided: another one does from now on.
      NodeChange.of(store).lost("a").apply(CLOCK);
    }
    try (PlacedStore store = nodes.openWithout("a")) {
      assertThat(store.readOnlyBecause()).isEmpty();
      NodeFindings findings = TestNodes.care(store, NodeCare.Options.repairing());
      assertThat(findings.rebuilt()).isEqualTo(count("a"));
      NodeCensus census = NodeCensus.take(store);
      assertThat(census.degraded()).isZero();
      assertThat(census.survival().any()).isEqualTo(2);
      NodeChange.of(store).remove("a").apply(CLOCK);
    }
    try (PlacedStore store = nodes.openWithout("a")) {
      assertThat(store.away()).isEmpty();
      assertAllRead(store);
    }
  }

  @Test
  void promote_commitNodeGone_writesAgainAndTheOldOneDecidesNoMore() throws IOException {
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      write(store, 5);
    }
    try (PlacedStore store = nodes.openWithout("a")) {
      assertThatThrownBy(() -> write(store, 1)).isInstanceOf(IOException.class);
      NodeChange.of(store).promote("c").apply(CLOCK);
    }
    try (PlacedStore store = nodes.openWithout("a")) {
      write(store, 5);
      store.createIfAbsent("README.txt", ByteBuffer.allocate(3));
    }
    try (PlacedStore store = nodes.openWithout("c", "d", "e")) {
      // With the old one and one that was there: too few to go on.
      assertThat(store.readOnlyBecause()).isPresent();
    }
    try (PlacedStore store = nodes.open()) {
      assertThat(store.epoch()).isEqualTo(2);
      assertThat(store.nodes())
          .filteredOn(node -> node.node().id().equals("a"))
          .allMatch(node -> node.condition() == NodeInfo.Condition.STALE && !node.decides());
      assertAllRead(store);
      assertThat(TestNodes.care(store, NodeCare.Options.repairing()).healthy()).isTrue();
      assertThat(nodes.store("a").size("README.txt")).isPresent();
    }
    try (PlacedStore store = nodes.open()) {
      assertThat(store.nodes()).allMatch(node -> node.condition() == NodeInfo.Condition.OK);
    }
  }

  @Test
  void apply_twoAtOnce_oneWins() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore one = nodes.open();
        PlacedStore other = nodes.open()) {
      NodeChange.of(one).drain("f").apply(CLOCK);
      assertThatThrownBy(() -> NodeChange.of(other).drain("e").apply(CLOCK))
          .isInstanceOf(Locked.class);
    }
    try (PlacedStore store = nodes.open()) {
      assertThat(store.epoch()).isEqualTo(2);
      assertThat(store.nodes())
          .filteredOn(node -> node.node().state() == StorageNode.State.DRAINING)
          .extracting(node -> node.node().id())
          .containsExactly("f");
    }
  }

  @Test
  void apply_whileABackupRuns_keepsItFromCommitting() throws IOException {
    nodes.place(StorageNode.of("g"));
    nodes.create("erasure:4+2").close();
    try (PlacedStore backup = nodes.open()) {
      try (PlacedStore store = nodes.open()) {
        NodeChange.of(store).drain("b").apply(CLOCK);
      }
      assertThatThrownBy(
              () -> backup.createIfAbsent("caches/c/ledger/1.json", ByteBuffer.allocate(40)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("nodes were changed while this ran");
      assertThatThrownBy(() -> TestNodes.care(backup, NodeCare.Options.rebalance()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void rebalance_twoAtOnce_oneIsLocked() throws IOException {
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      write(store, 3);
    }
    try (PlacedStore one = nodes.open();
        PlacedStore other = nodes.open()) {
      List<Throwable> refused = new ArrayList<>();
      TestNodes.care(
          one,
          NodeCare.Options.rebalance()
              .telling((_, _, _) -> {
                try {
                  TestNodes.care(other, NodeCare.Options.rebalance());
                } catch (IOException | Locked e) {
                  refused.add(e);
                }
              }));
      assertThat(refused).hasSize(3).hasOnlyElementsOfType(Locked.class);
    }
  }

  @Test
  void plan_whatCannotWork_isRefusedWithTheArithmetic() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore store = nodes.open()) {
      assertThatThrownBy(() -> NodeChange.of(store).strategy(Strategy.parse("erasure:6+2")).plan())
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("8 pieces on 8 different nodes, and 6 are active");
      assertThatThrownBy(() -> NodeChange.of(store).weight("a", 3).plan())
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("6 × 3 ÷ 8");
      assertThatThrownBy(() -> NodeChange.of(store).drain("x"))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("no such node");
      assertThat(NodeChange.of(store).drain("a").plan().warnings().getFirst())
          .contains("stay on nodes that are draining");
    }
  }

  @Test
  void strategy_changed_appliesToWhatIsWrittenFromThenOn() throws IOException {
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      write(store, 10);
      NodeChange.of(store).strategy(Strategy.parse("copy:2")).apply(CLOCK);
    }
    try (PlacedStore store = nodes.open()) {
      write(store, 10);
      assertAllRead(store);
      NodeFindings findings = TestNodes.care(store, NodeCare.Options.rebalance());
      assertThat(findings.pieces()).isEqualTo(10 * 6 + 10 * 2);
      assertThat(findings.degraded()).isZero();
      assertThat(findings.moved()).isZero();
      assertThat(NodeCensus.take(store).survival().any()).isEqualTo(1);
    }
  }

  @Test
  void census_asPiecesGo_saysExactlyWhatMayBeLostNext() throws IOException {
    try (PlacedStore store = nodes.create("erasure:4+2")) {
      write(store, 20);
      NodeCensus census = NodeCensus.take(store);
      assertThat(census.survival().any()).isEqualTo(2);
      assertThat(census.survival().fatal()).hasSize(20).allMatch(set -> set.size() == 3);
    }
    nodes.wipe("d");
    nodes.wipe("e");
    try (PlacedStore store = nodes.open()) {
      NodeCensus census = NodeCensus.take(store);
      assertThat(census.degraded()).isEqualTo(20);
      assertThat(census.lost()).isEmpty();
      assertThat(census.survival().any()).isZero();
      assertThat(census.survival().fatal())
          .containsExactly(List.of("a"), List.of("b"), List.of("c"), List.of("f"));
    }
    nodes.wipe("f");
    try (PlacedStore store = nodes.open()) {
      assertThat(NodeCensus.take(store).lost()).containsExactlyElementsOf(written.keySet());
    }
  }

  private int count(String node) {
    try {
      return nodes.pieces(node).size();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void write(PlacedStore store, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      String name = "caches/c/run/x-%04d%s.data".formatted(written.size(), store.placeMark(0));
      byte[] content = new byte[100 + random.nextInt(100)];
      random.nextBytes(content);
      assertThat(store.createIfAbsent(name, ByteBuffer.wrap(content))).isTrue();
      written.put(name, content);
    }
  }

  private void assertAllRead(PlacedStore store) throws IOException {
    for (Map.Entry<String, byte[]> object : written.entrySet()) {
      assertThat(store.read(object.getKey())).isEqualTo(ByteBuffer.wrap(object.getValue()));
    }
  }
}
