package io.ringkeep.nodes;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.nodes.NodeInfo.Condition;
import io.ringkeep.placement.Feasibility;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.Repository;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.StoreProbe;
import io.ringkeep.store.StoreTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Makes a set of nodes, and finds one again.
public final class NodeSet {
  /// Where a node is tried out.
  static final String PROBE = "control/probe/";

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
      requireUsable(place);
    }
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String nodeSet = HexFormat.of().formatHex(random);
    PlacementTable table = PlacementTable.first(nodes, strategy);
    List<String> copies = CopyNodes.choose(table, List.of());
    PlacementFile file =
        PlacementFile.of(
            nodeSet,
            table,
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            copies.getFirst(),
            copies);
    List<Node> opened =
        places.stream().map(place -> new Node(place.node(), place.store())).toList();
    PlacedStore store = new PlacedStore(List.of(file), opened);
    List<Node> inscribed = new ArrayList<>();
    try {
      for (Node node : opened) {
        store.inscribe(node);
        inscribed.add(node);
      }
    } catch (IOException | RuntimeException e) {
      inscribed.forEach(node -> undo(node, file));
      throw e;
    }
    return store;
  }

  /// So that it can be tried again with other places.
  private static void undo(Node node, PlacementFile file) {
    try {
      node.call(place -> {
        place.delete(NodeFile.NAME);
        place.delete(PlacementFile.key(file.epoch()));
        return true;
      });
    } catch (IOException e) {
      // The first failure is what is told; this place is found to be in use next time.
    }
  }

  /// @throws InvalidRequest if a place is in use, or is a store that does not keep what commits and
  ///   pieces rely on
  static void requireUsable(Place place) throws IOException {
    if (place.store().size(NodeFile.NAME).isPresent()
        || place.store().size(Repository.FILE).isPresent()) {
      throw new InvalidRequest(
          "node %s is in use already: location=%s"
              .formatted(place.node().id(), place.store().location()),
          "choose an empty place");
    }
    StoreTraits traits = StoreProbe.of(place.store(), PROBE);
    if (!traits.missing().isEmpty()) {
      throw new InvalidRequest(
          "node %s does not keep what a repository needs: location=%s %s"
              .formatted(place.node().id(), place.store().location(), traits.complaint()),
          traits.missing().getFirst().hint());
    }
  }

  /// Opens a set of nodes. Nodes that do not answer, were wiped or belong to another set are left
  /// alone; stores of nodes that are not of the set are closed.
  ///
  /// What answers can be read. Writing is refused unless the node that decides and a majority of
  /// those that have copies answer.
  ///
  /// @param stores by node id; taken over: closing the result closes them
  /// @throws NotFound if no node belongs to a set
  /// @throws Unavailable if no node answers
  /// @throws InvalidRequest if a place is another node than was said, and that one is nowhere else;
  ///   or if as many places belong to one set as to another
  public static PlacedStore open(Map<String, ObjectStore> stores) throws IOException {
    try {
      return opened(stores);
    } catch (IOException | RuntimeException e) {
      for (ObjectStore store : stores.values()) {
        try {
          store.close();
        } catch (IOException late) {
          e.addSuppressed(late);
        }
      }
      throw e;
    }
  }

  private static PlacedStore opened(Map<String, ObjectStore> stores) throws IOException {
    List<Looked> looked;
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      looked = Together.run(List.copyOf(stores.entrySet()), executor, NodeSet::look);
    }
    String nodeSet = nodeSet(looked);
    requireOwnPlaces(nodeSet, looked);
    List<Looked> members =
        looked.stream()
            .filter(one ->
                one.file != null
                    && one.file.nodeSet().equals(nodeSet)
                    && one.file.node().equals(one.id))
            .toList();
    List<PlacementFile> epochs = epochs(nodeSet, members);
    PlacementFile newest = epochs.getFirst();
    List<Node> nodes = new ArrayList<>();
    Map<String, ObjectStore> left = new LinkedHashMap<>(stores);
    for (PlacementFile.Entry entry : newest.nodes()) {
      ObjectStore store = left.remove(entry.id());
      Node node = new Node(entry.node(), store != null ? store : new NowhereStore(entry.id()));
      looked.stream()
          .filter(one -> one.id.equals(entry.id()))
          .findFirst()
          .ifPresentOrElse(
              one -> judge(node, one, nodeSet, newest.epoch()),
              () -> node.suffers(Condition.AWAY, "nobody said where it is"));
      nodes.add(node);
    }
    for (ObjectStore store : left.values()) {
      store.close();
    }
    return new PlacedStore(epochs, nodes);
  }

  /// What a first look at a node found.
  ///
  /// @param file null if it has none or does not answer
  /// @param failure null if it answers
  private record Looked(
      String id, @Nullable NodeFile file, @Nullable String failure, List<PlacementFile> epochs) {}

  /// Whoever exchanged two places has made a slip, and lost nothing. A place that is a copy of a
  /// node which answers by itself is left alone instead.
  private static void requireOwnPlaces(String nodeSet, List<Looked> looked) {
    Map<String, String> held = new TreeMap<>();
    for (Looked one : looked) {
      if (one.file != null && one.file.nodeSet().equals(nodeSet)) {
        held.put(one.id, one.file.node());
      }
    }
    List<String> exchanged =
        held.entrySet().stream()
            .filter(place -> !place.getValue().equals(held.get(place.getValue())))
            .map(place ->
                "the url of node %s holds node %s".formatted(place.getKey(), place.getValue()))
            .toList();
    if (!exchanged.isEmpty()) {
      throw new InvalidRequest(
          "nodes are exchanged: " + String.join(", ", exchanged),
          "correct the urls of the nodes in the file of settings");
    }
  }

  private static Looked look(Map.Entry<String, ObjectStore> entry) {
    String id = entry.getKey();
    ObjectStore store = entry.getValue();
    try {
      NodeFile file = NodeFile.read(store.read(NodeFile.NAME));
      List<PlacementFile> epochs = new ArrayList<>();
      for (ObjectInfo info : store.list(PlacementFile.DIRECTORY)) {
        ByteBuffer bytes = store.read(info.key());
        if (Wholeness.of(info.key(), bytes)) {
          epochs.add(PlacementFile.read(info.key(), bytes));
        }
      }
      return new Looked(id, file, null, epochs);
    } catch (NoSuchObjectException e) {
      return new Looked(id, null, null, List.of());
    } catch (IOException | BackupException e) {
      return new Looked(id, null, String.valueOf(e.getMessage()), List.of());
    }
  }

  /// Looks at a node again. One that answered until now may miss one question.
  static void lookAgain(Node node, String nodeSet, int newest) {
    Node now = new Node(node.description(), node.store());
    judge(now, look(Map.entry(node.id(), node.store())), nodeSet, newest);
    switch (now.condition()) {
      case OK -> node.rejoin();
      case AWAY -> {
        // Whoever uses it finds out.
      }
      case WIPED, FOREIGN, STALE, READ_ONLY, FULL, UNFIT ->
          node.suffers(now.condition(), now.why());
    }
  }

  private static void judge(Node node, Looked looked, String nodeSet, int newest) {
    NodeFile file = looked.file;
    if (looked.failure != null) {
      node.suffers(Condition.AWAY, looked.failure);
    } else if (file == null) {
      node.suffers(
          Condition.WIPED, "it has no NODE file: wiped, not mounted, or not the place it was");
    } else if (!file.nodeSet().equals(nodeSet)) {
      node.suffers(Condition.FOREIGN, "it belongs to another repository");
    } else if (!file.node().equals(looked.id)) {
      node.suffers(Condition.FOREIGN, "it is node %s of this repository".formatted(file.node()));
    } else {
      int known = looked.epochs.stream().mapToInt(PlacementFile::epoch).max().orElse(0);
      if (known < newest) {
        node.suffers(
            Condition.STALE,
            "it knows epoch %d of %d: it was away, or set back".formatted(known, newest));
      }
    }
  }

  /// The set that most places belong to which are the nodes they are said to be; if none is, that
  /// most belong to.
  private static String nodeSet(List<Looked> looked) {
    Map<String, List<String>> members = members(looked, /* inTheirPlace= */ true);
    if (members.isEmpty()) {
      members = members(looked, /* inTheirPlace= */ false);
    }
    int most = members.values().stream().mapToInt(List::size).max().orElse(0);
    members.values().removeIf(ids -> ids.size() < most);
    if (members.size() > 1) {
      throw new InvalidRequest(
          "nodes belong to different repositories, as many to one as to another: nodes="
              + members.values(),
          "correct the urls of those that are not meant in the file of settings");
    }
    return members.keySet().stream()
        .findFirst()
        .orElseThrow(() -> {
          List<String> failures =
              looked.stream()
                  .filter(one -> one.failure != null)
                  .map(one -> one.id + ": " + one.failure)
                  .toList();
          return failures.isEmpty()
              ? new NotFound(
                  "no repository on these nodes: " + looked.stream().map(Looked::id).toList(),
                  "make one with 'init'")
              : new Unavailable(
                  "no node answers: " + String.join("; ", failures), "check the nodes", null);
        });
  }

  /// Ids of places by the set that they belong to.
  private static Map<String, List<String>> members(List<Looked> looked, boolean inTheirPlace) {
    Map<String, List<String>> members = new TreeMap<>();
    for (Looked one : looked) {
      if (one.file != null && (!inTheirPlace || one.file.node().equals(one.id))) {
        members.computeIfAbsent(one.file.nodeSet(), _ -> new ArrayList<>()).add(one.id);
      }
    }
    return members;
  }

  /// Every epoch that any node knows, newest first. Should two changes at once have left different
  /// files, the one on most nodes counts.
  private static List<PlacementFile> epochs(String nodeSet, List<Looked> members) {
    Map<Integer, Map<PlacementFile, Integer>> votes = new TreeMap<>(Comparator.reverseOrder());
    for (Looked member : members) {
      for (PlacementFile file : member.epochs) {
        if (file.nodeSet().equals(nodeSet)) {
          votes
              .computeIfAbsent(file.epoch(), _ -> new LinkedHashMap<>())
              .merge(file, 1, Integer::sum);
        }
      }
    }
    List<PlacementFile> epochs = new ArrayList<>();
    for (Map<PlacementFile, Integer> files : votes.values()) {
      epochs.add(
          files.entrySet().stream()
              .max(
                  Map.Entry.<PlacementFile, Integer>comparingByValue()
                      .thenComparing(file -> file.getKey().commitNode()))
              .orElseThrow()
              .getKey());
    }
    if (epochs.isEmpty()) {
      throw new CorruptData(
          "no node knows where pieces are: nodes=" + members.stream().map(Looked::id).toList(),
          "bring back placement/ from any node of the set",
          null);
    }
    return epochs;
  }
}
