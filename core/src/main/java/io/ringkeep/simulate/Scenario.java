package io.ringkeep.simulate;

import io.ringkeep.placement.StorageNode;
import java.util.ArrayList;
import java.util.List;

/// Some nodes, then one more, then one less.
///
/// @param weights how they are weighted
/// @param nodes those there are
/// @param joined with one more at the end
/// @param left without the one in the middle
/// @param keys what is placed
record Scenario(
    Weights weights,
    List<StorageNode> nodes,
    List<StorageNode> joined,
    List<StorageNode> left,
    List<String> keys) {

  static Scenario of(Weights weights, int count, int objects, String dice) {
    List<StorageNode> joined = new ArrayList<>();
    for (int i = 0; i <= count; i++) {
      joined.add(StorageNode.of("node-%s-%04d".formatted(dice, i)).withWeight(weights.of(i)));
    }
    List<StorageNode> nodes = List.copyOf(joined.subList(0, count));
    List<StorageNode> left = new ArrayList<>(nodes);
    left.remove(count / 2);
    List<String> keys = new ArrayList<>(objects);
    for (int i = 0; i < objects; i++) {
      keys.add("object-" + dice + "-" + i);
    }
    return new Scenario(weights, nodes, List.copyOf(joined), List.copyOf(left), keys);
  }

  /// The part of everything, 0 to 1, that has to move when the node joins: its share.
  double leastMovedByJoin() {
    return joined.get(joined.size() - 1).weight() / weightOf(joined);
  }

  /// The part of everything that has to move when the node leaves: what it has.
  double leastMovedByLeave() {
    return 1 - weightOf(left) / weightOf(nodes);
  }

  static double weightOf(List<StorageNode> nodes) {
    return nodes.stream().mapToDouble(StorageNode::weight).sum();
  }
}
