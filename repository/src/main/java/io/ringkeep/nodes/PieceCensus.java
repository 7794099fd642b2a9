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
import org.jspecify.annotations.Nullable;

/// Which pieces and copies lie where: one listing of each node that answers.
final class PieceCensus {
  private final Map<String, Found> objects = new TreeMap<>();
  private final Map<String, Set<String>> copies = new TreeMap<>();
  private final Map<String, Sum> pieceSums = new TreeMap<>();
  private final Map<String, Sum> copySums = new TreeMap<>();
  private final Set<String> tombstones = new TreeSet<>();
  private final Map<String, String> unlisted = new TreeMap<>();

  private PieceCensus() {}

  /// How many objects lie on a node, and their length.
  record Sum(long count, long bytes) {
    static final Sum NONE = new Sum(0, 0);

    Sum plus(Sum other) {
      return new Sum(count + other.count, bytes + other.bytes);
    }
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

    /// Number of pieces, all copies counted.
    int pieces() {
      return nodes.values().stream().mapToInt(Set::size).sum();
    }

    /// Whether enough are there to have the object back.
    boolean whole() {
      return count() >= first.data();
    }

    /// How many of the pieces or copies that there should be are missing.
    ///
    /// @param targets where they belong ([Placement#targets])
    int absent(List<String> targets) {
      return Math.max(0, targets.size() - count());
    }

    /// How many lie on a node where they do not belong.
    ///
    /// @param targets where they belong; nobody knows if it is empty
    int misplaced(List<String> targets) {
      int misplaced = 0;
      for (Map.Entry<Integer, Set<String>> piece : nodes.entrySet()) {
        for (String node : piece.getValue()) {
          misplaced += targets.isEmpty() || home(piece.getKey(), targets).contains(node) ? 0 : 1;
        }
      }
      return misplaced;
    }

    /// Where piece `index` belongs; with K = 1, where all copies do.
    List<String> home(int index, List<String> targets) {
      return first.data() == 1 || targets.isEmpty() ? targets : List.of(targets.get(index));
    }

    /// Ids of nodes that have piece `index`.
    Set<String> where(int index) {
      return nodes.computeIfAbsent(index, _ -> new TreeSet<>());
    }
  }

  private record Listing(Node node, List<ObjectInfo> objects, @Nullable String failure) {}

  /// Lists every node that is not away. Objects with tombstones count as none.
  ///
  /// @param directory of what is looked at: a key followed by `/`; empty for everything
  static PieceCensus take(Collection<Node> nodes, ExecutorService executor, String directory) {
    PieceCensus census = new PieceCensus();
    List<Node> answering = nodes.stream().filter(Node::answers).toList();
    for (Listing listing : Together.run(answering, executor, node -> list(node, directory))) {
      if (listing.failure != null) {
        census.unlisted.put(listing.node.id(), listing.failure);
      }
      for (ObjectInfo stored : listing.objects) {
        census.add(listing.node.id(), stored);
      }
    }
    for (String gone : census.tombstones) {
      census.objects.remove(gone);
      census.copies.remove(gone);
    }
    return census;
  }

  private static Listing list(Node node, String directory) {
    try {
      return new Listing(node, node.call(store -> store.list(directory)), null);
    } catch (IOException e) {
      return new Listing(node, List.of(), String.valueOf(e.getMessage()));
    }
  }

  private void add(String node, ObjectInfo stored) {
    String key = stored.key();
    Optional<PieceName> piece = PieceName.parse(key);
    if (piece.isPresent()) {
      // An object has one shape for good: it is part of the key only so that a piece explains
      // itself.
      objects
          .computeIfAbsent(
              piece.get().object(), _ -> new Found(piece.get().withIndex(0), new TreeMap<>()))
          .where(piece.get().index())
          .add(node);
      pieceSums.merge(node, new Sum(1, stored.sizeBytes()), Sum::plus);
    } else if (MetadataKeys.copied(key)) {
      copySums.merge(node, new Sum(1, stored.sizeBytes()), Sum::plus);
      if (Tombstones.is(key)) {
        tombstones.add(Tombstones.object(key));
      } else if (!key.startsWith("control/")) {
        copies.computeIfAbsent(key, _ -> new TreeSet<>()).add(node);
      }
    }
  }

  /// Every object of which a piece was found, sorted by name.
  Collection<Found> objects() {
    return objects.values();
  }

  /// Whether enough pieces of an object are there to have it back.
  boolean whole(String object) {
    Found found = objects.get(object);
    return found != null && found.whole();
  }

  /// By key of what does not lie in pieces, leases left out, ids of the nodes that have a copy.
  Map<String, Set<String>> copies() {
    return copies;
  }

  /// The pieces on a node.
  Sum pieces(String node) {
    return pieceSums.getOrDefault(node, Sum.NONE);
  }

  /// The copies on a node.
  Sum copies(String node) {
    return copySums.getOrDefault(node, Sum.NONE);
  }

  /// Nodes that answered before and could not be listed, and why: what they hold is not in here.
  Map<String, String> unlisted() {
    return unlisted;
  }
}
