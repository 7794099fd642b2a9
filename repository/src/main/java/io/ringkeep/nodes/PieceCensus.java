package io.ringkeep.nodes;

import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;

/// Which pieces lie where: one listing of each node that answers.
final class PieceCensus {
  private final Map<String, Found> objects = new TreeMap<>();
  private final Map<String, Long> pieces = new TreeMap<>();
  private final Map<String, Long> bytes = new TreeMap<>();
  private final Set<String> tombstones = new TreeSet<>();

  private PieceCensus() {}

  /// The pieces of one object that were found, all of one shape.
  ///
  /// @param first the object's first piece, found or not
  /// @param nodes by index of the piece, ids of the nodes that have it
  record Found(PieceName first, Map<Integer, Set<String>> nodes) {
    /// Of how many pieces there is at least one copy; with K = 1 how many copies there are.
    int count() {
      return first.data() == 1
          ? nodes.getOrDefault(0, Set.of()).size()
          : (int) nodes.values().stream().filter(where -> !where.isEmpty()).count();
    }

    /// Number of pieces, all copies counted.
    int pieces() {
      return nodes.values().stream().mapToInt(Set::size).sum();
    }

    /// Whether enough are there to have the object back.
    boolean whole() {
      return count() >= first.data();
    }

    /// Ids of nodes that have piece `index`.
    Set<String> where(int index) {
      return nodes.computeIfAbsent(index, _ -> new TreeSet<>());
    }
  }

  /// Lists every node that is not away. Objects with tombstones count as none.
  static PieceCensus take(Collection<Node> nodes, ExecutorService executor) {
    record Listing(Node node, List<ObjectInfo> objects) {}
    PieceCensus census = new PieceCensus();
    List<Listing> listings =
        Together.run(
            List.copyOf(nodes),
            executor,
            node -> {
              try {
                return new Listing(node, node.call(store -> store.list("caches/")));
              } catch (IOException e) {
                return new Listing(node, List.of()); // It has nothing that could be counted.
              }
            });
    for (Listing listing : listings) {
      for (ObjectInfo stored : listing.objects) {
        Optional<PieceName> piece = PieceName.parse(stored.key());
        piece.ifPresent(name -> census.add(name, listing.node, stored.sizeBytes()));
        if (Tombstones.is(stored.key())) {
          census.tombstones.add(Tombstones.object(stored.key()));
        }
      }
    }
    census.tombstones.forEach(census.objects::remove);
    return census;
  }

  private void add(PieceName piece, Node node, long size) {
    // An object has one shape for good: it is part of the key only so that a piece explains itself.
    objects
        .computeIfAbsent(piece.object(), _ -> new Found(piece.withIndex(0), new TreeMap<>()))
        .where(piece.index())
        .add(node.id());
    pieces.merge(node.id(), 1L, Long::sum);
    bytes.merge(node.id(), size, Long::sum);
  }

  /// Every object of which a piece was found, sorted by name.
  Collection<Found> objects() {
    return objects.values();
  }

  /// Number of pieces on a node.
  long pieces(String node) {
    return pieces.getOrDefault(node, 0L);
  }

  /// Length of the pieces on a node.
  long bytes(String node) {
    return bytes.getOrDefault(node, 0L);
  }
}
