package io.ringkeep.placement.ring;

import io.ringkeep.placement.PlacementHash;
import io.ringkeep.placement.StorageNode;
import java.util.List;

/// Weighted rendezvous hashing: the node with the highest score −w ÷ ln u for the key has it. A
/// node has exactly its weight's share of all keys, and only what belongs to a node that comes or
/// goes moves. Costs a draw for each node and key.
public final class WeightedRendezvous implements Distribution {
  private final long[] hashes;
  private final double[] weights;

  /// Over the ids and weights of `nodes`; zones and states are not looked at.
  public WeightedRendezvous(List<StorageNode> nodes) {
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("no nodes");
    }
    hashes = nodes.stream().mapToLong(node -> PlacementHash.ofNode(node.id())).toArray();
    weights = nodes.stream().mapToDouble(StorageNode::weight).toArray();
  }

  @Override
  public int node(String key) {
    long object = PlacementHash.ofObject(key);
    int highest = 0;
    double best = 0;
    for (int node = 0; node < hashes.length; node++) {
      double unit = PlacementHash.unit(PlacementHash.draw(hashes[node], object));
      if (PlacementHash.mayExceed(weights[node], unit, best)) {
        double score = PlacementHash.score(weights[node], unit);
        if (score > best) {
          best = score;
          highest = node;
        }
      }
    }
    return highest;
  }
}
