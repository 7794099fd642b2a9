package io.ringkeep.nodes;

import java.io.IOException;

/// A piece is there, but not what was written.
final class PieceDamage extends IOException {
  private static final long serialVersionUID = 1L;

  PieceDamage(String message) {
    super(message);
  }
}
