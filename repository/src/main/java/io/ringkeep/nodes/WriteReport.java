package io.ringkeep.nodes;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// What writing to many nodes came to. Thread-safe.
public final class WriteReport {
  private long objects;
  private long degraded;
  private int spare = Integer.MAX_VALUE;
  private final Map<String, Long> missing = new TreeMap<>();

  /// Objects that were written, those in pieces and those in copies.
  public synchronized long objects() {
    return objects;
  }

  /// How many of them lack a piece or a copy.
  public synchronized long degraded() {
    return degraded;
  }

  /// Whether all of them have all their pieces and copies.
  public synchronized boolean full() {
    return degraded == 0;
  }

  /// How many nodes, whichever, may be lost now without losing any of it; the strategy's own number
  /// if nothing is degraded. Empty of meaning, and 0, if nothing was written.
  public synchronized int survives() {
    return objects == 0 ? 0 : spare;
  }

  /// By node, how many pieces or copies it should have and has not.
  public synchronized Map<String, Long> missing() {
    return new TreeMap<>(missing);
  }

  /// Takes note of an object.
  ///
  /// @param nodesWithout that should have a piece or copy and have none
  /// @param mayBeLost how many pieces or copies more than needed were written
  synchronized void object(Collection<String> nodesWithout, int mayBeLost) {
    objects++;
    spare = Math.min(spare, mayBeLost);
    if (!nodesWithout.isEmpty()) {
      degraded++;
      nodesWithout.forEach(node -> missing.merge(node, 1L, Long::sum));
    }
  }
}
