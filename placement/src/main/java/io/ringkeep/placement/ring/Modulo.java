package io.ringkeep.placement.ring;

import io.ringkeep.placement.PlacementHash;

/// h(key) mod n: even, without weights, and a change of n moves nearly everything.
///
/// @param nodes number of nodes, at least 1
public record Modulo(int nodes) implements Distribution {
  public Modulo {
    if (nodes < 1) {
      throw new IllegalArgumentException("no nodes: nodes=" + nodes);
    }
  }

  @Override
  public int node(String key) {
    return (int) Long.remainderUnsigned(PlacementHash.ofObject(key), nodes);
  }
}
