package io.ringkeep.simulate;

/// How much the nodes of a simulation hold compared with each other.
public enum Weights {
  /// All the same.
  EQUAL,
  /// 1, 2, 4, and again.
  UNEQUAL;

  /// Weight of the node with this index.
  int of(int node) {
    return switch (this) {
      case EQUAL -> 1;
      case UNEQUAL -> 1 << node % 3;
    };
  }
}
