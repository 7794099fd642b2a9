package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Folders that are nodes: made, opened, deleted, damaged.
public final class TestNodes {
  private final Path root;
  private final List<StorageNode> nodes = new ArrayList<>();

  /// Nodes `a`, `b` and so on, each a folder in `root`.
  public TestNodes(Path root, int count) {
    this.root = root;
    for (int i = 0; i < count; i++) {
      nodes.add(StorageNode.of(String.valueOf((char) ('a' + i))));
    }
  }

  /// What lies between the store of nodes and one of them.
  public interface Fault {
    ObjectStore of(String node, ObjectStore store);
  }

  public List<String> ids() {
    return nodes.stream().map(StorageNode::id).toList();
  }

  public Path folder(String node) {
    return root.resolve(node);
  }

  public PlacedStore create(String strategy) throws IOException {
    List<NodeSet.Place> places = new ArrayList<>();
    for (StorageNode node : nodes) {
      Files.createDirectories(folder(node.id()));
      places.add(new NodeSet.Place(node, new FileStore(folder(node.id()))));
    }
    return NodeSet.create(places, Strategy.parse(strategy), Clock.systemUTC());
  }

  public PlacedStore open() throws IOException {
    return open((_, store) -> store);
  }

  public PlacedStore open(Fault fault) throws IOException {
    Map<String, ObjectStore> stores = new LinkedHashMap<>();
    for (String id : ids()) {
      stores.put(id, fault.of(id, new WatchedStore(new FileStore(folder(id)))));
    }
    return NodeSet.open(stores);
  }

  /// Looks after the nodes as `options` say.
  public static NodeFindings care(PlacedStore store, NodeCare.Options options) throws IOException {
    return NodeCare.run(store, options, Clock.systemUTC());
  }

  /// Moves everything to where it belongs.
  public static NodeFindings rebalance(PlacedStore store) throws IOException {
    return care(store, NodeCare.Options.rebalance());
  }

  /// Makes a change of the nodes, and closes the store.
  public static void change(PlacedStore store, Consumer<NodeChange> wish) throws IOException {
    try (store;
        NodeChange change = NodeChange.of(store)) {
      wish.accept(change);
      change.apply(Clock.systemUTC());
    }
  }

  /// Repairs everything, and takes in what was wiped.
  public static NodeFindings repair(PlacedStore store) throws IOException {
    Set<String> wiped =
        store.nodes().stream()
            .filter(node -> node.condition() == NodeInfo.Condition.WIPED)
            .map(node -> node.node().id())
            .collect(Collectors.toSet());
    return care(store, NodeCare.Options.repairing().adopting(wiped));
  }

  /// Deletes all that a node holds.
  public void wipe(String node) throws IOException {
    try (Stream<Path> files = Files.walk(folder(node))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder(node))) {
          Files.delete(file);
        }
      }
    }
  }

  /// Files of pieces on a node, sorted.
  public List<Path> pieces(String node) throws IOException {
    try (Stream<Path> files = Files.walk(folder(node))) {
      return files
          .filter(file -> PieceName.parse(file.getFileName().toString()).isPresent())
          .sorted()
          .toList();
    }
  }

  /// Number of pieces on each node.
  public Map<String, Integer> counts() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (String id : ids()) {
      counts.put(id, pieces(id).size());
    }
    return counts;
  }
}
