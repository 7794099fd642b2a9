package io.ringkeep.nodes;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A node that does not answer, or is not the one it should be, was not asked.
final class NodeAway extends IOException {
  private static final long serialVersionUID = 1L;

  NodeAway(String message) {
    super(message);
  }

  /// Of two failures, one that is not of this kind if there is one: it says more.
  static IOException least(@Nullable IOException first, IOException second) {
    return first == null || first instanceof NodeAway ? second : first;
  }
}
