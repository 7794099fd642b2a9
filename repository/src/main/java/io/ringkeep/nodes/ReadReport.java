package io.ringkeep.nodes;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What reading from many nodes came to. Thread-safe; numbers only grow.
public final class ReadReport {
  private final Map<String, Long> bytes = new TreeMap<>();
  private final TreeSet<String> damaged = new TreeSet<>();
  private long rebuilt;

  /// By node, how many bytes came from it.
  public synchronized Map<String, Long> bytes() {
    return new TreeMap<>(bytes);
  }

  /// How many bytes were computed from other pieces.
  public synchronized long rebuilt() {
    return rebuilt;
  }

  /// Pieces that are damaged, as `node: key`, sorted.
  public synchronized List<String> damaged() {
    return List.copyOf(damaged);
  }

  synchronized void read(Node node, long count) {
    bytes.merge(node.id(), count, Long::sum);
  }

  synchronized void rebuilt(long count) {
    rebuilt += count;
  }

  synchronized void damaged(Node node, PieceName piece) {
    damaged.add(node.id() + ": " + piece.key());
  }
}
