package io.ringkeep.nodes;

import java.io.IOException;

/// A node that does not answer, or is not the one it should be, was not asked.
final class NodeAway extends IOException {
  private static final long serialVersionUID = 1L;

  NodeAway(String message) {
    super(message);
  }
}
