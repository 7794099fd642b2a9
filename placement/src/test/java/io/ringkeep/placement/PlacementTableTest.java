package io.ringkeep.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The first table of a repository.
class PlacementTableTest {
  @Test
  void first_theSameNodesInAnyOrder_isTheSameTable() {
    List<StorageNode> nodes = new ArrayList<>(Nodes.weighted(9, 1, 2.5));
    PlacementTable table = PlacementTable.first(nodes, Strategy.parse("copy:3"));
    Collections.reverse(nodes);

    assertThat(PlacementTable.first(nodes, Strategy.parse("copy:3")).groups())
        .isDeepEqualTo(table.groups());
  }

  /// Frozen: another program, or another version, makes this table of these nodes.
  @Test
  void first_ofTheFormat_isTheFrozenTable() {
    List<StorageNode> nodes = Stream.of("a", "b", "c", "d", "e", "f").map(StorageNode::of).toList();
    PlacementTable table = PlacementTable.first(nodes, Strategy.parse("copy:3"));

    assertThat(table.picks(0)).containsExactly("a", "d", "e");
    assertThat(table.picks(1)).containsExactly("d", "b", "f");
    assertThat(table.picks(5)).containsExactly("e", "b", "a");
    assertThat(table.group("orders/1")).isEqualTo(283);
    assertThat(Arrays.deepHashCode(table.groups())).isEqualTo(433761295);
    assertThat(
            Arrays.deepHashCode(
                table
                    .next(Nodes.with(nodes, StorageNode.of("g")), Strategy.parse("copy:3"))
                    .groups()))
        .isEqualTo(1483187576);
  }

  @ParameterizedTest
  @CsvSource({
    "3,256",
    "4,256",
    "5,512",
    "8,512",
    "9,1024",
    "16,1024",
    "64,4096",
    "100,8192",
    "500,8192"
  })
  void first_nodes_haveSixtyFourGroupsEachAtLeast(int nodes, int groups) {
    assertThat(PlacementTable.first(Nodes.equal(nodes), Strategy.parse("copy:2")).groupCount())
        .isEqualTo(groups);
  }

  /// With weights too: rendezvous hashing alone leaves the heavy node of 2,1,1,1,1,1 with 17 % too
  /// little when there are three copies.
  @ParameterizedTest
  @CsvSource({"copy:1", "copy:2", "copy:3", "erasure:4+2", "erasure:8+4"})
  void first_weightsThatCanBeHonoured_giveEveryNodeItsShareToThePiece(String strategy) {
    Random random = SeededRandom.create("PlacementTableTest");
    int width = Strategy.parse(strategy).width();
    for (int round = 0; round < 20; round++) {
      int count = width + random.nextInt(40);
      double[] weights = random.doubles(count, 1, 1.0 + 3 * random.nextDouble()).toArray();
      List<StorageNode> nodes = Nodes.weighted(count, weights);
      if (Feasibility.of(nodes, Strategy.parse(strategy)).feasible()) {
        PlacementTable table = PlacementTable.first(nodes, Strategy.parse(strategy));
        assertThat(Nodes.worst(table)).as(() -> count + Arrays.toString(weights)).isZero();
        assertThat(Nodes.crowd(table)).isEqualTo(1);
      }
    }
  }

  @Test
  void first_heavyNodeAmongSix_getsItsWholeShare() {
    PlacementTable table =
        PlacementTable.first(Nodes.weighted(6, 2, 1, 1, 1, 1, 1), Strategy.parse("copy:3"));

    assertThat(table.groupCount()).isEqualTo(512);
    assertThat(table.load()[0]).isBetween(438, 439); // 512 × 3 × 2 ÷ 7 = 438.9
  }

  @ParameterizedTest
  @CsvSource({
    "12,4,copy:3,1",
    "12,6,erasure:4+2,1",
    "6,3,erasure:4+2,2",
    "5,2,copy:3,2",
    "8,4,erasure:4+2,2"
  })
  void first_zones_holdAsFewPiecesOfAGroupAsCanBe(
      int nodes, int zones, String strategy, long crowd) {
    PlacementTable table =
        PlacementTable.first(Nodes.zoned(nodes, zones), Strategy.parse(strategy));

    assertThat(Nodes.crowd(table)).isEqualTo(crowd);
    assertThat(Nodes.worst(table)).isLessThan(0.05);
  }

  @Test
  void first_zonesOfUnequalSize_areFilledAsFarAsTheyMay() {
    List<StorageNode> nodes =
        Nodes.equal(5).stream()
            .map(node -> node.id().compareTo("n02") <= 0 ? node.withZone("big") : node)
            .toList();
    PlacementTable table = PlacementTable.first(nodes, Strategy.parse("copy:3"));

    assertThat(Nodes.crowd(table)).isEqualTo(1);
    assertThat(Nodes.worst(table)).isZero();
    assertThat(table.load()[4]).isEqualTo(table.groupCount());
    assertThat(table.load()[0]).isBetween(table.groupCount() / 3, table.groupCount() / 3 + 1);
  }

  @ParameterizedTest
  @CsvSource({"6,6", "12,3", "7,7"})
  void first_shards_areSpreadOverAllNodes(int shards, int nodes) {
    PlacementTable table = PlacementTable.first(Nodes.equal(nodes), new Strategy.Sharded(shards));

    assertThat(table.groupCount()).isEqualTo(1);
    assertThat(table.picks("any object")).hasSize(shards).isEqualTo(table.picks("another"));
    assertThat(table.load()).containsOnly(shards / nodes);
  }

  @Test
  void first_shardsOnWeightedNodes_followTheWeights() {
    PlacementTable table =
        PlacementTable.first(Nodes.weighted(3, 2, 1, 1), new Strategy.Sharded(12));

    assertThat(table.load()).containsExactly(6, 3, 3);
  }

  @Test
  void first_whatCannotWork_isRefusedWithTheArithmetic() {
    assertThatThrownBy(() -> PlacementTable.first(Nodes.equal(4), Strategy.parse("erasure:4+2")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("puts 6 pieces on 6 different nodes, and 4 are active: add 2");
  }

  @Test
  void of_whatWasRecorded_isTheTable() {
    PlacementTable table = PlacementTable.first(Nodes.equal(5), Strategy.parse("copy:2"));
    PlacementTable read =
        PlacementTable.of(table.epoch(), table.strategy(), table.nodes(), table.groups());

    assertThat(read.groups()).isDeepEqualTo(table.groups());
    assertThat(read.picks("x")).isEqualTo(table.picks("x"));
    assertThat(read.movedSince(table)).isZero();
  }

  @Test
  void of_whatIsNoTable_isRefused() {
    Strategy two = Strategy.parse("copy:2");
    List<StorageNode> nodes = Nodes.equal(3);
    for (int[][] groups :
        new int[][][] {{}, {{0}}, {{0, 3}}, {{0, -1}}, {{1, 1}}, {{0, 1}, {0, 1}, {0, 1}}}) {
      assertThatThrownBy(() -> PlacementTable.of(1, two, nodes, groups))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> PlacementTable.of(0, two, nodes, new int[][] {{0, 1}}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void groups_whoeverChangesThem_changesACopy() {
    PlacementTable table = PlacementTable.first(Nodes.equal(3), Strategy.parse("copy:1"));
    table.groups()[0][0] = 77;

    assertThat(table.groups()[0][0]).isLessThan(3);
  }
}
