package io.ringkeep.nodes;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// What writing to many nodes came to. Thread-safe; numbers only grow.
public final class WriteReport {
  private long objects;
  private long degraded;
  private final Map<String, Long> missing = new TreeMap<>();

  /// Objects that were written.
  public synchronized long objects() {
    return objects;
  }

  /// How many of them lack a piece or a copy.
  public synchronized long degraded() {
    return degraded;
  }

  /// By node, how many pieces or copies it should have and has not.
  public synchronized Map<String, Long> missing() {
    return Map.copyOf(missing);
  }

  synchronized void written(Collection<String> nodesWithout) {
    objects++;
    if (!nodesWithout.isEmpty()) {
      degraded++;
      nodesWithout.forEach(node -> missing.merge(node, 1L, Long::sum));
    }
  }
}
