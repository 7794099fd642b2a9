package io.ringkeep.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Nodes and measurements that several tests need.
final class Nodes {
  private Nodes() {}

  /// Nodes n00, n01, … of weight 1, each a zone of its own.
  static List<StorageNode> equal(int count) {
    return weighted(count, 1);
  }

  /// Nodes n00, n01, … whose weights repeat.
  static List<StorageNode> weighted(int count, double... weights) {
    List<StorageNode> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(StorageNode.of("n%02d".formatted(i)).withWeight(weights[i % weights.length]));
    }
    return nodes;
  }

  /// Nodes n00, n01, … dealt out over zones z0, z1, ….
  static List<StorageNode> zoned(int count, int zones) {
    List<StorageNode> nodes = new ArrayList<>();
    for (StorageNode node : equal(count)) {
      nodes.add(node.withZone("z" + nodes.size() % zones));
    }
    return nodes;
  }

  static List<StorageNode> with(List<StorageNode> nodes, StorageNode... more) {
    List<StorageNode> all = new ArrayList<>(nodes);
    all.addAll(Arrays.asList(more));
    return all;
  }

  static List<StorageNode> without(List<StorageNode> nodes, String id) {
    return nodes.stream().filter(node -> !node.id().equals(id)).toList();
  }

  static List<StorageNode> inState(
      List<StorageNode> nodes, StorageNode.State state, String... ids) {
    return nodes.stream()
        .map(node -> Arrays.asList(ids).contains(node.id()) ? node.withState(state) : node)
        .toList();
  }

  static int loadOf(PlacementTable table, String id) {
    for (int node = 0; node < table.nodes().size(); node++) {
      if (table.nodes().get(node).id().equals(id)) {
        return table.load()[node];
      }
    }
    return 0;
  }

  /// How far the furthest node is from its share: in parts of it, or 0 if by less than one piece.
  static double worst(PlacementTable table) {
    int[] load = table.load();
    double[] shares = table.shares();
    double worst = 0;
    for (int node = 0; node < load.length; node++) {
      double due = shares[node] * table.pieceCount();
      if (table.nodes().get(node).active() && Math.abs(load[node] - due) >= 1) {
        worst = Math.max(worst, Math.abs(load[node] / due - 1));
      }
    }
    return worst;
  }

  /// Highest number of pieces of one group on active nodes of one zone.
  static long crowd(PlacementTable table) {
    long crowd = 0;
    for (int[] row : table.groups()) {
      for (int node : row) {
        String zone = table.nodes().get(node).zone();
        crowd =
            Math.max(
                crowd,
                Arrays.stream(row)
                    .filter(other -> table.nodes().get(other).zone().equals(zone))
                    .filter(other -> table.nodes().get(other).active())
                    .count());
      }
    }
    return crowd;
  }
}
