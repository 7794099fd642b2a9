package io.ringkeep.nodes;

import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which pieces lie where: one listing of each node that answers.
final class PieceCensus {
  private final Map<String, Found> objects;

  private PieceCensus(Map<String, Found> objects) {
    this.objects = objects;
  }

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

    /// Whether enough are there to have the object back.
    boolean whole() {
      return count() >= first.data();
    }
  }

  /// Lists every node that is not away.
  static PieceCensus take(Collection<Node> nodes) {
    Map<String, Found> objects = new TreeMap<>();
    for (Node node : nodes) {
      try {
        for (ObjectInfo stored : node.call(store -> store.list("caches/"))) {
          Optional<PieceName> piece = PieceName.parse(stored.key());
          piece.ifPresent(name -> add(objects, name, node));
        }
      } catch (IOException e) {
        // It has nothing that could be counted.
      }
    }
    return new PieceCensus(objects);
  }

  private static void add(Map<String, Found> objects, PieceName piece, Node node) {
    // An object has one shape for good: it is part of the key only so that a piece explains itself.
    objects
        .computeIfAbsent(piece.object(), _ -> new Found(piece.withIndex(0), new HashMap<>()))
        .nodes()
        .computeIfAbsent(piece.index(), _ -> new TreeSet<>())
        .add(node.id());
  }

  /// Every object of which a piece was found, sorted by name.
  Collection<Found> objects() {
    return objects.values();
  }
}
