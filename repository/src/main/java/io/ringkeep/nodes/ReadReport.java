package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode.Tier;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What reading from many nodes came to. Thread-safe; numbers only grow.
public final class ReadReport {
  private final Map<String, Use> nodes = new TreeMap<>();
  private final Map<Tier, Use> tiers = new EnumMap<>(Tier.class);
  private final TreeSet<String> damaged = new TreeSet<>();
  private final TreeSet<String> slow = new TreeSet<>();
  private final Map<String, String> unlisted = new TreeMap<>();
  private long rebuilt;

  /// What was read.
  ///
  /// @param pieces of data from which anything was read
  /// @param bytes of them, checksums included
  public record Use(long pieces, long bytes) {
    static final Use NONE = new Use(0, 0);

    Use plus(long morePieces, long moreBytes) {
      return new Use(pieces + morePieces, bytes + moreBytes);
    }
  }

  /// By node, what came from it.
  public synchronized Map<String, Use> nodes() {
    return new TreeMap<>(nodes);
  }

  /// By tier, what came from its nodes.
  public synchronized Map<Tier, Use> tiers() {
    return new EnumMap<>(tiers.isEmpty() ? Map.of(Tier.LOCAL, Use.NONE) : tiers);
  }

  /// How many bytes were computed from other pieces.
  public synchronized long rebuilt() {
    return rebuilt;
  }

  /// Pieces that are damaged, as `node: key`, sorted.
  public synchronized List<String> damaged() {
    return List.copyOf(damaged);
  }

  /// Nodes that were left for quicker ones.
  public synchronized List<String> slow() {
    return List.copyOf(slow);
  }

  /// Nodes that answered and of which a listing failed, and why: what they alone hold was not seen.
  public synchronized Map<String, String> unlisted() {
    return new TreeMap<>(unlisted);
  }

  synchronized void unlisted(Node node, String why) {
    unlisted.put(node.id(), why);
  }

  synchronized void read(Node node, boolean anotherPiece, long count) {
    long pieces = anotherPiece ? 1 : 0;
    nodes.merge(node.id(), new Use(pieces, count), (a, b) -> a.plus(b.pieces(), b.bytes()));
    tiers.merge(
        node.description().tier(), new Use(pieces, count), (a, b) -> a.plus(b.pieces(), b.bytes()));
  }

  synchronized void rebuilt(long count) {
    rebuilt += count;
  }

  synchronized void damaged(Node node, PieceName piece) {
    damaged.add(node.id() + ": " + piece.key());
  }

  synchronized void slow(Node node) {
    slow.add(node.id());
  }
}
