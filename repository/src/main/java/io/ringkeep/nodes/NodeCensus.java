package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// How things stand, from a listing of each node: what is where, what is missing, and what may be
/// lost next. What seems to be missing while all nodes answer is looked at again in a second one:
/// it may have been written or deleted meanwhile.
///
/// @param nodes by id, what those that answer hold
/// @param objects in pieces
/// @param degraded how many of them lack a piece
/// @param copies objects that do not lie in pieces
/// @param degradedCopies how many of them lack a copy
/// @param misplaced pieces on another node than they belong to
/// @param lost objects of which too little is there: names, sorted
/// @param unlisted nodes that could not be listed, and why: what they hold is not counted
/// @param survival what may be lost next without losing data, of nodes
/// @param zones the same, of zones
public record NodeCensus(
    Map<String, Use> nodes,
    long objects,
    long degraded,
    long copies,
    long degradedCopies,
    long misplaced,
    List<String> lost,
    Map<String, String> unlisted,
    Survival survival,
    Survival zones) {
  private static final int MOST_SETS = 20;

  /// What a node holds.
  ///
  /// @param pieceBytes their length
  /// @param copies of what does not lie in pieces
  /// @param freeBytes that can still be written there, if the place tells
  public record Use(
      long pieces, long pieceBytes, long copies, long copyBytes, OptionalLong freeBytes) {}

  /// What may be lost.
  ///
  /// @param any so many, whichever they are, may be lost at once, and nothing is lost with them
  /// @param fatal the smallest sets whose loss would lose data, the first 20: each has one more
  public record Survival(int any, List<List<String>> fatal) {}

  /// How one object lies, without its name: many lie the same way.
  private record Pattern(int needed, List<Set<String>> pieces) {
    List<String> nodes() {
      return pieces.stream().flatMap(Set::stream).distinct().sorted().toList();
    }

    /// Whether `count` nodes have so many of its pieces that too few might be left.
    boolean mayDieWith(int count) {
      long most =
          nodes().stream()
              .mapToLong(node -> pieces.stream().filter(where -> where.contains(node)).count())
              .boxed()
              .sorted(Comparator.reverseOrder())
              .limit(count)
              .mapToLong(Long::longValue)
              .sum();
      return pieces.size() - most < needed;
    }
  }

  /// Names of what is not as it should be.
  private record Wanting(Set<String> degraded, Set<String> copies, Set<String> lost) {
    static Wanting of(PlacedStore store, PieceCensus census, Collection<String> needed) {
      Wanting wanting = new Wanting(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
      for (PieceCensus.Found found : census.objects()) {
        PieceName first = found.first();
        if (found.absent(store.placement().targets(first).orElse(List.of())) > 0) {
          wanting.degraded.add(first.object());
        }
        if (!found.whole()) {
          wanting.lost.add(first.object());
        }
      }
      for (String object : needed) {
        if (PlacedStore.inPieces(object) && !census.whole(object)) {
          wanting.lost.add(object);
        }
      }
      List<String> holders = store.metadataNodes().stream().map(Node::id).toList();
      census
          .copies()
          .forEach((key, where) -> {
            if (!where.containsAll(holders)) {
              wanting.copies.add(key);
            }
          });
      return wanting;
    }

    boolean none() {
      return degraded.isEmpty() && copies.isEmpty() && lost.isEmpty();
    }

    void retain(Wanting other) {
      degraded.retainAll(other.degraded);
      copies.retainAll(other.copies);
      lost.retainAll(other.lost);
    }
  }

  /// Counts, by what the nodes hold alone: an object that no node has a piece of is not missed.
  public static NodeCensus take(PlacedStore store) {
    return take(store, List.of());
  }

  /// Counts.
  ///
  /// @param needed names of objects that must be there, as whoever has the key knows them
  public static NodeCensus take(PlacedStore store, Collection<String> needed) {
    PieceCensus census = listed(store);
    Wanting wanting = Wanting.of(store, census, needed);
    if (!wanting.none() && census.unlisted().isEmpty() && store.away().isEmpty()) {
      wanting.retain(Wanting.of(store, listed(store), needed));
    }
    Set<Pattern> patterns = new HashSet<>();
    long misplaced = 0;
    for (PieceCensus.Found found : census.objects()) {
      misplaced += found.misplaced(store.placement().targets(found.first()).orElse(List.of()));
      if (found.whole()) {
        patterns.add(
            new Pattern(
                found.first().data(),
                found.nodes().values().stream()
                    .filter(where -> !where.isEmpty())
                    .map(where -> (Set<String>) new TreeSet<>(where))
                    .toList()));
      }
    }
    census.copies().values().stream()
        .distinct()
        .forEach(where -> patterns.add(new Pattern(1, List.of(where))));
    Map<String, Use> uses = new TreeMap<>();
    for (Node node : store.nodeList()) {
      if (node.answers()) {
        uses.put(node.id(), use(node, census));
      }
    }
    Map<String, String> zones =
        store.nodeList().stream()
            .collect(Collectors.toMap(Node::id, node -> node.description().zone()));
    return new NodeCensus(
        uses,
        census.objects().size(),
        wanting.degraded.size(),
        census.copies().size(),
        wanting.copies.size(),
        misplaced,
        List.copyOf(wanting.lost),
        Map.copyOf(census.unlisted()),
        survival(patterns),
        survival(inZones(patterns, zones)));
  }

  private static PieceCensus listed(PlacedStore store) {
    return PieceCensus.take(store.nodeList(), store.executor(), "");
  }

  private static Use use(Node node, PieceCensus census) {
    OptionalLong free = OptionalLong.empty();
    try {
      free = node.call(ObjectStore::freeBytes);
    } catch (IOException e) {
      // It is away from now on, or next time.
    }
    PieceCensus.Sum pieces = census.pieces(node.id());
    PieceCensus.Sum copies = census.copies(node.id());
    return new Use(pieces.count(), pieces.bytes(), copies.count(), copies.bytes(), free);
  }

  private static Set<Pattern> inZones(Set<Pattern> patterns, Map<String, String> zones) {
    return patterns.stream()
        .map(pattern ->
            new Pattern(
                pattern.needed,
                pattern.pieces.stream()
                    .map(where ->
                        (Set<String>)
                            where.stream()
                                .map(node -> zones.getOrDefault(node, node))
                                .collect(Collectors.toCollection(TreeSet::new)))
                    .toList()))
        .collect(Collectors.toSet());
  }

  /// Tries ever larger sets of the nodes of each pattern, until the loss of one loses an object.
  private static Survival survival(Set<Pattern> patterns) {
    if (patterns.isEmpty()) {
      return new Survival(0, List.of());
    }
    for (int size = 1; ; size++) {
      Set<Set<String>> fatal = new HashSet<>();
      for (Pattern pattern : patterns) {
        if (fatal.size() < MOST_SETS && pattern.mayDieWith(size)) {
          choose(pattern.nodes(), size, 0, new TreeSet<>(), pattern, fatal);
        }
      }
      if (!fatal.isEmpty()) {
        return new Survival(
            size - 1,
            fatal.stream()
                .map(nodes -> nodes.stream().sorted().toList())
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .limit(MOST_SETS)
                .toList());
      }
    }
  }

  private static void choose(
      List<String> nodes,
      int size,
      int from,
      TreeSet<String> gone,
      Pattern pattern,
      Set<Set<String>> fatal) {
    if (fatal.size() >= MOST_SETS) {
      return;
    }
    if (gone.size() == size) {
      long left = pattern.pieces.stream().filter(where -> !gone.containsAll(where)).count();
      if (left < pattern.needed) {
        fatal.add(Set.copyOf(gone));
      }
      return;
    }
    for (int i = from; i <= nodes.size() - (size - gone.size()); i++) {
      gone.add(nodes.get(i));
      choose(nodes, size, i + 1, gone, pattern, fatal);
      gone.remove(nodes.get(i));
    }
  }

  /// A node's tier, zone and the rest are in [PlacedStore#nodes]; this is what it holds.
  ///
  /// @return nothing for a node that does not answer
  public Use use(StorageNode node) {
    return nodes.getOrDefault(node.id(), new Use(0, 0, 0, 0, OptionalLong.empty()));
  }
}
