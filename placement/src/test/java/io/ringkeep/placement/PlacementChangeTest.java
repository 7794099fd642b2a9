package io.ringkeep.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// From one table to the next.
class PlacementChangeTest {
  private static final Strategy THREE = Strategy.parse("copy:3");
  private static final Strategy FOUR_AND_TWO = Strategy.parse("erasure:4+2");

  @ParameterizedTest
  @CsvSource({
    "6,erasure:4+2,1", "7,erasure:4+2,1", "12,erasure:4+2,2", "3,copy:1,1", "6,copy:3,1",
    "6,copy:3,1.2", "12,copy:3,0.5", "30,copy:3,4", "100,copy:3,1", "100,erasure:8+4,3",
    "24,shard:2400,2"
  })
  void next_nodeJoins_movesAtMostFivePercentMoreThanItsShare(
      int count, String strategy, double weight) {
    PlacementTable table = PlacementTable.first(Nodes.equal(count), Strategy.parse(strategy));
    PlacementTable next =
        table.next(
            Nodes.with(table.nodes(), StorageNode.of("new").withWeight(weight)), table.strategy());
    double least = weight / (count + weight);

    assertThat((double) next.movedSince(table) / next.pieceCount())
        .isGreaterThan(0.95 * least)
        .isLessThanOrEqualTo(1.05 * least);
    assertThat(next.movedSince(table)).isEqualTo(Nodes.loadOf(next, "new"));
    assertThat(Nodes.worst(next)).isLessThan(0.05);
    assertThat(next.epoch()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "7,erasure:4+2",
    "8,erasure:4+2",
    "12,erasure:4+2",
    "4,copy:3",
    "6,copy:3",
    "30,copy:3",
    "100,copy:3",
    "13,erasure:8+4",
    "6,shard:600"
  })
  void next_nodeLeaves_movesItsPiecesAndNoOther(int count, String strategy) {
    PlacementTable table = PlacementTable.first(Nodes.equal(count), Strategy.parse(strategy));
    PlacementTable next = table.next(Nodes.without(table.nodes(), "n01"), table.strategy());

    assertThat(next.movedSince(table)).isEqualTo(Nodes.loadOf(table, "n01"));
    assertThat(Nodes.worst(next)).isLessThan(0.05);
  }

  @Test
  void next_manyChangesOfAnyKind_keepEveryPromise() {
    Random random = SeededRandom.create("PlacementChangeTest");
    for (int round = 0; round < 6; round++) {
      Strategy strategy = random.nextBoolean() ? THREE : FOUR_AND_TWO;
      int count = 9 + random.nextInt(10);
      List<StorageNode> nodes =
          new ArrayList<>(Nodes.weighted(count, 1, 1 + random.nextDouble(), 1.5));
      PlacementTable table = PlacementTable.first(nodes, strategy);
      for (int step = 0; step < 20; step++) {
        boolean join = nodes.size() < 10 || (nodes.size() < 24 && random.nextBoolean());
        double weight = 0;
        double others = nodes.stream().mapToDouble(StorageNode::weight).sum();
        int least;
        if (join) {
          weight = 0.8 + random.nextDouble();
          nodes.add(StorageNode.of("x" + round + "-" + step).withWeight(weight));
          least = 0;
        } else {
          StorageNode left = nodes.remove(random.nextInt(nodes.size()));
          least = Nodes.loadOf(table, left.id());
        }
        PlacementTable next = table.next(nodes, strategy);
        /* A split doubles what there is to move. */
        int pieces = next.pieceCount();
        double due =
            join
                ? pieces * weight / (others + weight)
                : (double) least * pieces / table.pieceCount();
        assertThat((double) next.movedSince(table)).isLessThanOrEqualTo(1.05 * due + 1);
        assertThat(Nodes.crowd(next)).isEqualTo(1);
        assertThat(Nodes.worst(next)).isLessThan(0.05);
        table = next;
      }
    }
  }

  @Test
  void next_nothingChanged_movesNothing() {
    PlacementTable table = PlacementTable.first(Nodes.weighted(9, 1, 2), THREE);
    PlacementTable next = table.next(table.nodes(), THREE);

    assertThat(next.movedSince(table)).isZero();
    assertThat(next.epoch()).isEqualTo(2);
  }

  @Test
  void next_nodeReplacesAnother_takesJustItsPieces() {
    PlacementTable table = PlacementTable.first(Nodes.equal(6), FOUR_AND_TWO);
    PlacementTable next =
        table.next(
            Nodes.with(Nodes.without(table.nodes(), "n03"), StorageNode.of("new")), FOUR_AND_TWO);

    assertThat(next.movedSince(table)).isEqualTo(table.groupCount());
    for (int group = 0; group < table.groupCount(); group++) {
      assertThat(next.picks(group))
          .isEqualTo(table.picks(group).stream().map(id -> id.equals("n03") ? "new" : id).toList());
    }
  }

  @Test
  void next_twoNodesLostOfEight_rebuildsOnlyTheirPieces() {
    PlacementTable table = PlacementTable.first(Nodes.equal(8), FOUR_AND_TWO);
    PlacementTable next =
        table.next(
            Nodes.inState(table.nodes(), StorageNode.State.LOST, "n02", "n05"), FOUR_AND_TWO);

    assertThat(next.movedSince(table))
        .isEqualTo(Nodes.loadOf(table, "n02") + Nodes.loadOf(table, "n05"));
    assertThat(Nodes.loadOf(next, "n02")).isZero();
    assertThat(next.unplaced()).isZero();
  }

  /// A node that is lost, or drains, goes on being named where nobody can take its pieces.
  @ParameterizedTest
  @CsvSource({"LOST", "DRAINING"})
  void next_noNodeIsLeftToTakeThePieces_leavesThemUntilOneJoins(StorageNode.State state) {
    PlacementTable table = PlacementTable.first(Nodes.equal(6), FOUR_AND_TWO);
    PlacementTable without = table.next(Nodes.inState(table.nodes(), state, "n02"), FOUR_AND_TWO);

    assertThat(without.movedSince(table)).isZero();
    assertThat(without.unplaced()).isEqualTo(table.groupCount());

    PlacementTable joined =
        without.next(Nodes.with(without.nodes(), StorageNode.of("new")), FOUR_AND_TWO);
    assertThat(joined.unplaced()).isZero();
    assertThat(joined.movedSince(without)).isEqualTo(table.groupCount());
    assertThat(Nodes.loadOf(joined, "n02")).isZero();

    PlacementTable back = without.next(table.nodes(), FOUR_AND_TWO);
    assertThat(back.movedSince(table)).isZero();
    assertThat(back.unplaced()).isZero();
  }

  @Test
  void next_neededNodeNoLongerNamed_isRefused() {
    PlacementTable table = PlacementTable.first(Nodes.equal(6), FOUR_AND_TWO);

    assertThatThrownBy(() -> table.next(Nodes.without(table.nodes(), "n02"), FOUR_AND_TWO))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("too few nodes for pieces of node n02: pieces=6 active nodes=5");
  }

  @Test
  void next_zoneIsLost_spreadsItsPiecesOverTheOthers() {
    PlacementTable table = PlacementTable.first(Nodes.zoned(12, 4), THREE);
    PlacementTable next =
        table.next(
            Nodes.inState(table.nodes(), StorageNode.State.LOST, "n01", "n05", "n09"), THREE);

    assertThat(Nodes.crowd(next)).isEqualTo(1);
    assertThat(next.movedSince(table)).isEqualTo(table.pieceCount() / 4);
  }

  @Test
  void next_zonesBecomeEnough_partsThePiecesThatSharedOne() {
    PlacementTable table = PlacementTable.first(Nodes.zoned(6, 2), THREE);
    assertThat(Nodes.crowd(table)).isEqualTo(2);
    List<StorageNode> nodes =
        Nodes.with(
            table.nodes(),
            StorageNode.of("new1").withZone("z2"),
            StorageNode.of("new2").withZone("z2"));
    PlacementTable next = table.next(nodes, THREE);

    assertThat(Nodes.crowd(next)).isEqualTo(1);
    assertThat(next.movedSince(table)).isBetween(table.groupCount(), table.groupCount() * 21 / 20);
  }

  @Test
  void next_weightIsRaised_movesTheDifference() {
    PlacementTable table = PlacementTable.first(Nodes.equal(8), THREE);
    PlacementTable next =
        table.next(
            table.nodes().stream()
                .map(node -> node.id().equals("n00") ? node.withWeight(2) : node)
                .toList(),
            THREE);

    assertThat(next.movedSince(table))
        .isEqualTo(Nodes.loadOf(next, "n00") - Nodes.loadOf(table, "n00"));
    assertThat(Nodes.worst(next)).isLessThan(0.05);
  }

  @Test
  void next_manyNodesJoin_splitsGroupsWithoutMovingMore() {
    PlacementTable table = PlacementTable.first(Nodes.equal(8), THREE);
    PlacementTable next = table.next(Nodes.equal(16), THREE);

    assertThat(table.groupCount()).isEqualTo(512);
    assertThat(next.groupCount()).isEqualTo(1024);
    assertThat((double) next.movedSince(table) / next.pieceCount()).isLessThanOrEqualTo(0.525);
    assertThat(Nodes.worst(next)).isLessThan(0.05);
    assertThat(next.next(Nodes.equal(8), THREE).groupCount()).isEqualTo(1024);
  }

  @Test
  void next_strategyGetsAnotherCopy_keepsTheOthers() {
    PlacementTable table = PlacementTable.first(Nodes.equal(6), Strategy.parse("copy:2"));
    PlacementTable next = table.next(table.nodes(), THREE);

    assertThat(next.movedSince(table)).isEqualTo(table.groupCount());
    assertThat(Nodes.worst(next)).isLessThan(0.05);
  }

  @Test
  void next_shardedAndOtherStrategies_startAfresh() {
    PlacementTable table = PlacementTable.first(Nodes.equal(6), new Strategy.Sharded(6));
    PlacementTable next = table.next(table.nodes(), THREE);

    assertThat(next.groupCount()).isEqualTo(512);
    assertThat(Arrays.deepHashCode(next.groups()))
        .isEqualTo(Arrays.deepHashCode(PlacementTable.first(table.nodes(), THREE).groups()));
    assertThat(next.next(table.nodes(), new Strategy.Sharded(6)).picks("x"))
        .isEqualTo(table.picks("x"));
  }

  @Test
  void next_shardedNodeJoins_movesNothingThatNeedNotMove() {
    PlacementTable table = PlacementTable.first(Nodes.equal(6), new Strategy.Sharded(6));
    PlacementTable next =
        table.next(Nodes.with(table.nodes(), StorageNode.of("new")), new Strategy.Sharded(6));

    assertThat(next.movedSince(table)).isZero();
  }

  @Test
  void next_shardedNodeIsLost_movesItsRangesOnly() {
    PlacementTable table = PlacementTable.first(Nodes.equal(6), new Strategy.Sharded(6));
    PlacementTable next =
        table.next(
            Nodes.inState(table.nodes(), StorageNode.State.LOST, "n02"), new Strategy.Sharded(6));

    assertThat(next.movedSince(table)).isEqualTo(1);
    assertThat(next.picks("x")).doesNotContain("n02");
  }
}
