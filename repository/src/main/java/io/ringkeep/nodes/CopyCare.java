package io.ringkeep.nodes;

import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Compares the copies of everything that does not lie in pieces with each other, and what nodes
/// know of epochs.
final class CopyCare {
  /*
   * Which of several whole copies counts: the one that a majority has, else that of the node that decides. So a fork
   * that a node which was set back has made never wins over what was committed.
   */
  private final PlacedStore store;
  private final NodeCare.Options options;
  private final NodeFindings findings;

  CopyCare(PlacedStore store, NodeCare.Options options, NodeFindings findings) {
    this.store = store;
    this.options = options;
    this.findings = findings;
  }

  private record Listing(Node node, @Nullable Map<String, Long> sizes) {}

  /// Looks at all copies.
  ///
  /// @param from nodes that have copies, the one that decides first
  /// @param to nodes that should have them
  void run(List<Node> from, List<Node> to) {
    Set<Node> both = new LinkedHashSet<>(from);
    both.addAll(to);
    Map<Node, Map<String, Long>> listed = new LinkedHashMap<>();
    TreeSet<String> keys = new TreeSet<>();
    for (Listing listing : Together.run(List.copyOf(both), store.executor(), this::list)) {
      if (listing.sizes != null) {
        listed.put(listing.node, listing.sizes);
        keys.addAll(listing.sizes.keySet());
      }
    }
    List<String> tombstones = keys.stream().filter(Tombstones::is).toList();
    for (String tombstone : tombstones) {
      keys.remove(Tombstones.object(tombstone));
      if (options.repair() && !bury(tombstone, listed)) {
        keys.remove(tombstone);
      }
    }
    Set<Node> wanted = new LinkedHashSet<>(to);
    for (String key : keys) {
      compare(key, listed, wanted);
    }
    if (options.repair()) {
      store.nodeList().stream().filter(Node::answers).forEach(this::tellEpochs);
    }
  }

  /// Gives nodes the heartbeats of others: one that begins to decide then knows which leases were
  /// released.
  void passOnHeartbeats(List<Node> from, List<Node> to) throws IOException {
    for (Node source : from) {
      for (ObjectInfo object : source.call(place -> place.list("control/"))) {
        if (MetadataKeys.heartbeat(object.key())) {
          try {
            ByteBuffer bytes = source.call(place -> place.read(object.key()));
            for (Node target : to) {
              target.call(place -> place.createIfAbsent(object.key(), bytes.duplicate()));
            }
          } catch (NoSuchObjectException e) {
            // Its holder has ended since the listing.
          }
        }
      }
    }
  }

  private Listing list(Node node) {
    if (!node.answers()) {
      return new Listing(node, null);
    }
    Map<String, Long> sizes = new TreeMap<>();
    try {
      for (ObjectInfo object : node.call(place -> place.list(""))) {
        if (MetadataKeys.copied(object.key())) {
          sizes.put(object.key(), object.sizeBytes());
        }
      }
      return new Listing(node, sizes);
    } catch (IOException e) {
      return new Listing(node, null); // It is in the findings if it stays away.
    }
  }

  /// Removes what was deleted while a node was away.
  ///
  /// @return whether the tombstone stays
  private boolean bury(String tombstone, Map<Node, Map<String, Long>> listed) {
    String object = Tombstones.object(tombstone);
    boolean everywhere = true;
    for (Node node : store.nodeList()) {
      try {
        if (PlacedStore.inPieces(object)) {
          for (PieceName piece : store.placement().pieces(object)) {
            removeIfThere(node, piece.key());
          }
        } else if (listed.getOrDefault(node, Map.of()).containsKey(object)) {
          removeIfThere(node, object);
        }
        everywhere &= node.answers();
      } catch (IOException e) {
        everywhere = false;
        failed(node, object, e);
      }
    }
    if (!everywhere || Tombstones.forGood(object)) {
      return true;
    }
    for (Node node : listed.keySet()) {
      try {
        node.call(place -> {
          place.delete(tombstone);
          return true;
        });
      } catch (IOException e) {
        failed(node, tombstone, e);
      }
    }
    return false;
  }

  private void removeIfThere(Node node, String key) throws IOException {
    boolean removed =
        node.answers()
            && node.call(place -> {
              if (place.size(key).isEmpty()) {
                return false;
              }
              place.delete(key);
              return true;
            });
    if (removed) {
      findings.addRemoved();
    }
  }

  /// Compares the copies of one object.
  private void compare(String key, Map<Node, Map<String, Long>> listed, Set<Node> wanted) {
    Set<Long> sizes = new TreeSet<>();
    Set<Node> without = new LinkedHashSet<>();
    listed.forEach((node, objects) -> {
      Long size = objects.get(key);
      if (size != null) {
        sizes.add(size);
      } else if (wanted.contains(node)) {
        without.add(node);
      }
    });
    if (without.isEmpty() && sizes.size() == 1 && !options.readAll()) {
      return;
    }
    Map<Node, ByteBuffer> copies = new LinkedHashMap<>();
    Set<Node> replace = new LinkedHashSet<>();
    for (Node node : listed.keySet()) {
      if (!without.contains(node)) {
        try {
          ByteBuffer bytes = node.call(place -> place.read(key));
          options.pace().accept(bytes.remaining());
          findings.addRead(bytes.remaining());
          copies.put(node, bytes);
        } catch (NoSuchObjectException e) {
          // It was deleted since the listing, or the node should have none.
        } catch (IOException e) {
          failed(node, key, e);
        }
      }
    }
    if (copies.isEmpty()) {
      return;
    }
    @Nullable ByteBuffer right = right(key, copies);
    copies.forEach((node, bytes) -> {
      if (!Wholeness.of(key, bytes)) {
        findings.addDamaged(node, key);
        replace.add(node);
      } else if (!bytes.equals(right)) {
        findings.addDiffering(node, key, options.repair());
        replace.add(node);
      }
    });
    findings.addMissingCopies(without.size() + (long) replace.size());
    if (right == null) {
      findings.addLost(key);
    } else if (options.repair()) {
      without.forEach(node -> create(node, key, right));
      replace.forEach(node -> replace(node, key, right));
    }
  }

  private static @Nullable ByteBuffer right(String key, Map<Node, ByteBuffer> copies) {
    Map<ByteBuffer, Integer> votes = new HashMap<>();
    @Nullable ByteBuffer first = null;
    for (ByteBuffer bytes : copies.values()) {
      if (Wholeness.of(key, bytes)) {
        votes.merge(bytes, 1, Integer::sum);
        first = first == null ? bytes : first;
      }
    }
    for (Map.Entry<ByteBuffer, Integer> vote : votes.entrySet()) {
      if (vote.getValue() > copies.size() / 2) {
        return vote.getKey();
      }
    }
    return first;
  }

  private void create(Node node, String key, ByteBuffer content) {
    try {
      node.call(place -> place.createIfAbsent(key, content.duplicate()));
      findings.addCopied();
    } catch (IOException e) {
      failed(node, key, e);
    }
  }

  private void replace(Node node, String key, ByteBuffer content) {
    try {
      node.call(place -> {
        place.put(key, content.duplicate());
        return true;
      });
      findings.addCopied();
    } catch (IOException e) {
      failed(node, key, e);
    }
  }

  private void tellEpochs(Node node) {
    try {
      for (PlacementFile epoch : store.epochs()) {
        String key = PlacementFile.key(epoch.epoch());
        ByteBuffer right = epoch.bytes();
        node.call(place -> {
          if (!place.createIfAbsent(key, right) && !place.read(key).equals(right)) {
            place.put(key, right);
          }
          return true;
        });
      }
      if (node.condition() == NodeInfo.Condition.STALE) {
        node.rejoin();
      }
    } catch (IOException e) {
      failed(node, PlacementFile.DIRECTORY, e);
    }
  }

  private void failed(Node node, String key, IOException e) {
    findings.addFailed(node, key, String.valueOf(e.getMessage()));
  }
}
