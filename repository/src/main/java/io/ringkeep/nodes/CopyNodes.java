package io.ringkeep.nodes;

import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Chooses the nodes that have copies of what does not lie in pieces.
final class CopyNodes {
  private static final int LEAST = 5;

  private CopyNodes() {}

  /// As many as may be lost and one more, at least five where there are so many, in zones of their
  /// own first, local ones before remote ones. The first one decides.
  ///
  /// @param before those of the last epoch: who is among them and still active stays
  static List<String> choose(PlacementTable table, List<String> before) {
    int wanted =
        Math.max(
            LEAST,
            switch (table.strategy()) {
              case Strategy.Erasure erasure -> erasure.parity() + 1;
              case Strategy.Copies copies -> copies.copies();
              case Strategy.Sharded _ -> 1;
            });
    Map<String, StorageNode> active = new HashMap<>();
    table.nodes().stream().filter(StorageNode::active).forEach(node -> active.put(node.id(), node));
    List<String> chosen = new ArrayList<>(before.stream().filter(active::containsKey).toList());
    Set<String> zones = new HashSet<>();
    chosen.forEach(id -> zones.add(zone(active, id)));
    List<StorageNode> rest =
        table.nodes().stream()
            .filter(node -> node.active() && !chosen.contains(node.id()))
            .sorted(Comparator.comparing(StorageNode::tier))
            .toList();
    for (StorageNode node : rest) {
      if (chosen.size() < wanted && zones.add(node.zone())) {
        chosen.add(node.id());
      }
    }
    for (StorageNode node : rest) {
      if (chosen.size() < wanted && !chosen.contains(node.id())) {
        chosen.add(node.id());
      }
    }
    return chosen;
  }

  private static String zone(Map<String, StorageNode> nodes, String id) {
    StorageNode node = nodes.get(id);
    return node != null ? node.zone() : id;
  }
}
