package io.ringkeep.placement.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.ringkeep.placement.StorageNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DistributionTest {
  private static final int KEYS = 100_000;

  private static List<StorageNode> nodes(double... weights) {
    List<StorageNode> nodes = new ArrayList<>();
    for (double weight : weights) {
      nodes.add(StorageNode.of("n" + nodes.size()).withWeight(weight));
    }
    return nodes;
  }

  private static double moved(Distribution before, Distribution after) {
    int moved = 0;
    for (int i = 0; i < KEYS; i++) {
      moved += before.node("key" + i) == after.node("key" + i) ? 0 : 1;
    }
    return (double) moved / KEYS;
  }

  @Test
  void modulo_fourNodesBecomeFive_movesEightyPercent() {
    assertThat(moved(new Modulo(4), new Modulo(5))).isCloseTo(0.80, offset(0.01));
  }

  @Test
  void rendezvous_weights_areTheShares() {
    WeightedRendezvous rendezvous = new WeightedRendezvous(nodes(1, 2, 0.5, 4));
    double[] held = new double[4];
    for (int i = 0; i < KEYS; i++) {
      held[rendezvous.node("key" + i)] += 1.0 / KEYS;
    }

    assertThat(held[0]).isCloseTo(1 / 7.5, offset(0.005));
    assertThat(held[1]).isCloseTo(2 / 7.5, offset(0.005));
    assertThat(held[2]).isCloseTo(0.5 / 7.5, offset(0.005));
    assertThat(held[3]).isCloseTo(4 / 7.5, offset(0.005));
  }

  @Test
  void rendezvous_nodeJoins_movesItsShareAndNothingElse() {
    WeightedRendezvous before = new WeightedRendezvous(nodes(1, 2, 0.5, 4));
    WeightedRendezvous after = new WeightedRendezvous(nodes(1, 2, 0.5, 4, 2.5));
    int moved = 0;
    for (int i = 0; i < KEYS; i++) {
      int node = after.node("key" + i);
      if (node != before.node("key" + i)) {
        assertThat(node).isEqualTo(4);
        moved++;
      }
    }

    assertThat((double) moved / KEYS).isCloseTo(0.25, offset(0.005));
  }

  @Test
  void ring_nodeJoins_movesNothingBetweenTheOthers() {
    KetamaRing before = new KetamaRing(List.of("a", "b", "c"), new int[] {1, 1, 1});
    KetamaRing after = new KetamaRing(List.of("a", "b", "c", "d"), new int[] {1, 1, 1, 1});
    for (int i = 0; i < KEYS; i++) {
      assertThat(after.node("key" + i)).isIn(before.node("key" + i), 3);
    }
  }
}
