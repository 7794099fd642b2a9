package io.ringkeep.place;

import io.ringkeep.config.ConfigFile.NodeEntry;
import io.ringkeep.nodes.NodeChange;
import io.ringkeep.nodes.NodeInfo;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.placement.StorageNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where a file of settings and the recorded table of nodes disagree. The table is the truth until
/// someone says otherwise.
public final class NodeDifferences {
  private NodeDifferences() {}

  /// The differences, in words.
  public static List<String> of(PlacedStore store, RepositoryPlace place) {
    if (!(place instanceof RepositoryPlace.Many many)) {
      return List.of();
    }
    List<String> differences = new ArrayList<>();
    Map<String, StorageNode> recorded = recorded(store);
    many.strategy()
        .filter(wanted -> !wanted.equals(store.strategy()))
        .ifPresent(wanted ->
            differences.add("strategy is %s, in the file %s".formatted(store.strategy(), wanted)));
    for (NodeEntry entry : many.nodes()) {
      StorageNode wanted = entry.node();
      StorageNode node = recorded.remove(wanted.id());
      if (node == null) {
        differences.add("node %s is in the file only".formatted(wanted.id()));
        continue;
      }
      if (node.weight() != wanted.weight()) {
        differences.add(
            "node %s has weight %s, in the file %s"
                .formatted(wanted.id(), node.weight(), wanted.weight()));
      }
      if (!node.zone().equals(wanted.zone())) {
        differences.add(
            "node %s is in zone %s, in the file %s"
                .formatted(wanted.id(), node.zone(), wanted.zone()));
      }
      if (node.tier() != wanted.tier()) {
        differences.add("node %s is of another tier in the file".formatted(wanted.id()));
      }
    }
    recorded.values().stream()
        .filter(StorageNode::active)
        .forEach(node -> differences.add("node %s is not in the file".formatted(node.id())));
    return differences;
  }

  /// Has a change do away with them.
  public static void apply(
      PlacedStore store,
      RepositoryPlace.Many many,
      NodeChange change,
      Map<String, String> environment)
      throws IOException {
    Map<String, StorageNode> recorded = recorded(store);
    many.strategy().filter(wanted -> !wanted.equals(store.strategy())).ifPresent(change::strategy);
    for (NodeEntry entry : many.nodes()) {
      StorageNode wanted = entry.node();
      StorageNode node = recorded.remove(wanted.id());
      if (node == null) {
        many.add(change, wanted.id(), environment);
        continue;
      }
      if (node.weight() != wanted.weight()) {
        change.weight(wanted.id(), wanted.weight());
      }
      if (!node.zone().equals(wanted.zone())) {
        change.zone(wanted.id(), wanted.zone());
      }
      if (node.tier() != wanted.tier()) {
        change.tier(wanted.id(), wanted.tier());
      }
    }
    recorded.values().stream().filter(StorageNode::active).forEach(node -> change.drain(node.id()));
  }

  private static Map<String, StorageNode> recorded(PlacedStore store) {
    Map<String, StorageNode> recorded = new LinkedHashMap<>();
    for (NodeInfo info : store.nodes()) {
      recorded.put(info.node().id(), info.node());
    }
    return recorded;
  }
}
