package io.ringkeep.nodes;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.placement.Feasibility;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes a set of nodes, and finds one again.
public final class NodeSet {
  private static final int LEAST_COPIES = 5;

  private static final String EMPTY = "it is empty";

  private NodeSet() {}

  /// A node and the store that it is.
  public record Place(StorageNode node, ObjectStore store) {}

  /// Makes a set of nodes and opens it.
  ///
  /// @param places taken over: closing the result closes them
  /// @throws InvalidRequest if the nodes cannot carry the strategy, or one of them is in use
  public static PlacedStore create(List<Place> places, Strategy strategy, Clock clock)
      throws IOException {
    List<StorageNode> nodes = places.stream().map(Place::node).toList();
    List<String> errors = Feasibility.of(nodes, strategy).errors();
    if (!errors.isEmpty()) {
      throw new InvalidRequest(
          "strategy %s does not fit the nodes: %s".formatted(strategy, String.join("; ", errors)),
          "use fewer pieces, or more nodes and zones");
    }
    for (Place place : places) {
      if (place.store().size(NodeFile.NAME).isPresent()
          || place.store().size("REPOSITORY").isPresent()) {
        throw new InvalidRequest(
            "node %s is in use already: location=%s"
                .formatted(place.node().id(), place.store().location()),
            "choose an empty place");
      }
    }
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String nodeSet = HexFormat.of().formatHex(random);
    PlacementTable table = PlacementTable.first(nodes, strategy);
    List<String> copies = copies(table);
    PlacementFile file =
        PlacementFile.of(
            nodeSet,
            table,
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            copies.getFirst(),
            copies);
    for (Place place : places) {
      place.store().createIfAbsent(PlacementFile.key(file.epoch()), file.bytes());
      place
          .store()
          .createIfAbsent(
              NodeFile.NAME, new NodeFile(NodeFile.FORMAT, nodeSet, place.node().id()).bytes());
    }
    List<Node> opened =
        places.stream().map(place -> new Node(place.node(), place.store())).toList();
    return new PlacedStore(List.of(file), opened);
  }

  /// Which nodes have copies of what does not lie in pieces: as many as may be lost and one more,
  /// at least five where there are so many, in zones of their own first. The first one decides.
  private static List<String> copies(PlacementTable table) {
    int wanted =
        Math.max(
            LEAST_COPIES,
            switch (table.strategy()) {
              case Strategy.Erasure erasure -> erasure.parity() + 1;
              case Strategy.Copies copies -> copies.copies();
              case Strategy.Sharded _ -> 1;
            });
    List<StorageNode> active =
        table.nodes().stream()
            .filter(StorageNode::active)
            .sorted(Comparator.comparing(StorageNode::tier))
            .toList();
    List<String> chosen = new ArrayList<>();
    Set<String> zones = new HashSet<>();
    for (StorageNode node : active) {
      if (chosen.size() < wanted && zones.add(node.zone())) {
        chosen.add(node.id());
      }
    }
    for (StorageNode node : active) {
      if (chosen.size() < wanted && !chosen.contains(node.id())) {
        chosen.add(node.id());
      }
    }
    return chosen;
  }

  /// Opens a set of nodes. Nodes that do not answer, were wiped or belong to another set are left
  /// alone.
  ///
  /// @param stores by node id; taken over: closing the result closes them
  /// @throws NotFound if no node belongs to a set
  /// @throws Unavailable if no node answers
  public static PlacedStore open(Map<String, ObjectStore> stores) throws IOException {
    Map<String, NodeFile> files = new LinkedHashMap<>();
    Map<String, String> reasons = new HashMap<>();
    for (Map.Entry<String, ObjectStore> entry : stores.entrySet()) {
      try {
        files.put(entry.getKey(), NodeFile.read(entry.getValue().read(NodeFile.NAME)));
      } catch (NoSuchObjectException e) {
        reasons.put(entry.getKey(), EMPTY);
      } catch (IOException | BackupException e) {
        reasons.put(entry.getKey(), String.valueOf(e.getMessage()));
      }
    }
    String nodeSet = nodeSet(files.values(), stores, reasons);
    files.forEach((id, file) -> {
      if (!file.nodeSet().equals(nodeSet)) {
        reasons.put(id, "it belongs to another repository");
      } else if (!file.node().equals(id)) {
        reasons.put(id, "it is node '" + file.node() + "' of this repository");
      }
    });
    List<PlacementFile> epochs = epochs(nodeSet, stores, reasons);
    PlacementFile newest = epochs.getFirst();
    List<Node> nodes = new ArrayList<>();
    for (PlacementFile.Entry entry : newest.nodes()) {
      ObjectStore store = stores.get(entry.id());
      Node node = new Node(entry.node(), store != null ? store : new NowhereStore(entry.id()));
      if (store == null) {
        node.leave("nobody said where it is");
      } else {
        leave(node, reasons.get(entry.id()));
      }
      nodes.add(node);
    }
    return new PlacedStore(epochs, nodes);
  }

  private static void leave(Node node, @Nullable String reason) {
    if (EMPTY.equals(reason)) {
      node.leaveWiped();
    } else if (reason != null) {
      node.leave(reason);
    }
  }

  private static String nodeSet(
      Collection<NodeFile> files, Map<String, ObjectStore> stores, Map<String, String> reasons) {
    Map<String, Integer> votes = new TreeMap<>();
    files.forEach(file -> votes.merge(file.nodeSet(), 1, Integer::sum));
    return votes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElseThrow(() ->
            reasons.values().stream().allMatch(reason -> reason.equals(EMPTY))
                ? new NotFound(
                    "no repository on these nodes: " + stores.keySet(), "make one with 'init'")
                : new Unavailable("no node answers: " + reasons, "check the nodes", null));
  }

  /// Every epoch that any node knows, newest first.
  private static List<PlacementFile> epochs(
      String nodeSet, Map<String, ObjectStore> stores, Map<String, String> reasons) {
    TreeMap<Integer, PlacementFile> epochs = new TreeMap<>(Comparator.reverseOrder());
    for (Map.Entry<String, ObjectStore> entry : stores.entrySet()) {
      if (reasons.containsKey(entry.getKey())) {
        continue;
      }
      try {
        for (ObjectInfo info : entry.getValue().list(PlacementFile.DIRECTORY)) {
          ByteBuffer bytes = entry.getValue().read(info.key());
          if (Wholeness.of(info.key(), bytes)) {
            PlacementFile file = PlacementFile.read(info.key(), bytes);
            if (file.nodeSet().equals(nodeSet)) {
              epochs.putIfAbsent(file.epoch(), file);
            }
          }
        }
      } catch (IOException e) {
        reasons.put(entry.getKey(), String.valueOf(e.getMessage()));
      }
    }
    if (epochs.isEmpty()) {
      throw new CorruptData(
          "no node knows where pieces are: " + reasons,
          "bring back placement/ from any node of the set",
          null);
    }
    return List.copyOf(epochs.values());
  }
}
