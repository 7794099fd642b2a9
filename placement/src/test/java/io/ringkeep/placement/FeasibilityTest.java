package io.ringkeep.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FeasibilityTest {
  private static Feasibility of(List<StorageNode> nodes, String strategy) {
    return Feasibility.of(nodes, Strategy.parse(strategy));
  }

  @Test
  void of_nodesEnough_findsNothing() {
    assertThat(of(Nodes.equal(7), "erasure:4+2")).isEqualTo(new Feasibility(List.of(), List.of()));
    assertThat(of(Nodes.equal(4), "copy:3").feasible()).isTrue();
    assertThat(of(Nodes.equal(6), "shard:6")).isEqualTo(new Feasibility(List.of(), List.of()));
  }

  @Test
  void of_tooFewNodes_saysHowManyAndWhatWouldWork() {
    assertThat(of(Nodes.equal(5), "erasure:4+2").errors())
        .containsExactly(
            "erasure:4+2 puts 6 pieces on 6 different nodes, and 5 are active: add 1, or use"
                + " erasure:3+2");
    assertThat(of(Nodes.equal(1), "copy:3").errors())
        .containsExactly(
            "copy:3 puts 3 pieces on 3 different nodes, and 1 is active: add 2, or use copy:1");
    assertThat(of(Nodes.equal(3), "erasure:4+2").errors().get(0)).endsWith("or use copy:3");
    assertThat(of(List.of(), "copy:1").errors()).containsExactly("no node is active");
  }

  @Test
  void of_nodesThatAreNotActive_countsTheOthers() {
    assertThat(
            of(Nodes.inState(Nodes.equal(3), StorageNode.State.DRAINING, "n01"), "copy:3").errors())
        .containsExactly(
            "copy:3 puts 3 pieces on 3 different nodes, and 2 are active: add 1, or use copy:2");
  }

  @Test
  void of_weightThatNoPlacementHonours_showsTheArithmetic() {
    assertThat(of(Nodes.weighted(4, 4, 1, 1, 1), "copy:2").errors())
        .containsExactly(
            "node n00 has weight 4 of 7: its share of the 2 pieces of each object is 2 × 4 ÷ 7 ="
                + " 1.14, and it may hold one; its weight may be 3 at most beside the others");
    assertThat(of(Nodes.weighted(4, 3, 1, 1, 1), "copy:2").feasible()).isTrue();
  }

  @Test
  void of_fewerZonesThanPieces_refusesWhenOneZoneCouldTakeTooMuch() {
    assertThat(of(Nodes.zoned(8, 2), "erasure:4+2").errors())
        .containsExactly(
            "erasure:4+2 puts 6 pieces into 2 zones, so up to 3 into one, and survives the loss of"
                + " 2: the failure of one zone could lose data; add zones until there are 3, or"
                + " name none");
    assertThat(of(Nodes.zoned(9, 3), "erasure:4+2"))
        .isEqualTo(
            new Feasibility(
                List.of(),
                List.of(
                    "erasure:4+2 puts 6 pieces into 3 zones, so up to 2 into one: the failure of a"
                        + " zone takes up to 2 of the 2 pieces that may be lost")));
  }

  @Test
  void of_everythingInOneZone_warns() {
    assertThat(of(Nodes.zoned(7, 1), "erasure:4+2").warnings())
        .containsExactly(
            "all nodes stand in zone z0: if it fails, all is lost; erasure:4+2 survives the loss of"
                + " 2 nodes");
  }

  @Test
  void of_zoneHeavierThanItMayBe_warnsWithTheShare() {
    List<StorageNode> nodes =
        List.of(
            StorageNode.of("a").withZone("big"),
            StorageNode.of("b").withZone("big"),
            StorageNode.of("c").withZone("big"),
            StorageNode.of("d"),
            StorageNode.of("e"),
            StorageNode.of("f"));
    assertThat(of(nodes, "copy:3").warnings())
        .containsExactly(
            "zone big has weight 3 of 6: its share of the 3 pieces of each object is 1.50, and it"
                + " may hold 1; its nodes hold 33 % less than their weights say, the others more");
  }

  @Test
  void of_noSpare_warns() {
    assertThat(of(Nodes.equal(6), "erasure:4+2").warnings())
        .containsExactly(
            "erasure:4+2 uses all 6 nodes for each object: what a lost node held can be rebuilt"
                + " only after another has joined");
    assertThat(of(Nodes.zoned(6, 3), "copy:3").warnings())
        .containsExactly(
            "copy:3 uses all 3 zones for each object: what a lost zone held shares a zone with"
                + " other pieces until another has joined");
  }

  @Test
  void of_littleRedundancy_warns() {
    assertThat(of(Nodes.equal(4), "copy:1").warnings())
        .containsExactly("copy:1 keeps each object once: what a lost node held is lost");
    assertThat(of(Nodes.equal(6), "erasure:4+1").warnings())
        .containsExactly(
            "erasure:4+1 survives one loss, and none while that is being repaired: M of 2 is"
                + " safer");
    assertThat(of(Nodes.equal(20), "erasure:16+3").warnings())
        .containsExactly(
            "erasure:16+3 touches 19 nodes for each object: above 16 pieces the slowest node sets"
                + " the pace");
  }

  @Test
  void of_shardsThatFollowNoWeights_warns() {
    assertThat(of(Nodes.equal(6), "shard:3").warnings())
        .containsExactly(
            "shard:3 has 3 ranges for 6 nodes: the share of node n00 is 0.50 of a range, so it"
                + " holds one or none; use shard:6 or more to give every node some");
    assertThat(of(Nodes.equal(4), "shard:6").warnings())
        .containsExactly(
            "node n00 should hold 1.50 of 6 ranges and can only hold whole ones: more ranges"
                + " follow the weights more closely");
  }

  @Test
  void of_twoNodesWithOneId_isRefused() {
    assertThat(of(Nodes.with(Nodes.equal(4), StorageNode.of("n01")), "copy:2").errors())
        .containsExactly("two nodes have the id n01: each needs its own");
  }
}
