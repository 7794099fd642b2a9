package io.ringkeep.nodes;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.placement.Feasibility;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/// A change of the nodes, gathered step by step, then planned, then made: the next epoch.
///
/// Nothing moves by it. What is written from then on goes by the new table; [NodeCare] brings what
/// is there to where it belongs. Whoever has the set open must open it anew.
public final class NodeChange implements AutoCloseable {
  /*
   * Order: joining nodes learn who they are; nodes that are to have copies get them all; the epoch is created, on the
   * deciding node first; copies are compared once more, for what was written meanwhile.
   *
   * Of two changes at once one wins: both create the same name, in the same order of nodes, and a majority must take it.
   * That also holds where the deciding node is gone and another one is promoted. A backup that began before notices the
   * new epoch before it commits, and fails: it may have written to a node that is no longer of the set.
   */
  private final PlacedStore store;
  private final TreeMap<String, StorageNode> nodes = new TreeMap<>();
  private final Map<String, ObjectStore> joining = new LinkedHashMap<>();
  private final Set<String> removed = new TreeSet<>();
  private Strategy strategy;
  private Optional<String> promoted = Optional.empty();
  // Whether the change is the operator's wish; losses are no wish, and are never refused.
  private boolean wished;

  private NodeChange(PlacedStore store) {
    this.store = store;
    this.strategy = store.strategy();
    store.table().nodes().forEach(node -> nodes.put(node.id(), node));
  }

  /// What a change comes to.
  ///
  /// @param commitNode the node that decides then
  /// @param copies nodes that have copies then, the one that decides first
  /// @param warnings what works, but not as one might expect
  public record Plan(
      PlacementTable before,
      PlacementTable after,
      String commitNode,
      List<String> copies,
      List<String> warnings) {
    /// Part of all pieces, 0 to 1, that belong elsewhere after it.
    public double moved() {
      return (double) after.movedSince(before) / after.pieceCount();
    }
  }

  /// A change of the nodes of `store`, which changes nothing yet.
  public static NodeChange of(PlacedStore store) {
    return new NodeChange(store);
  }

  /// A node joins.
  ///
  /// @param place what it is: empty, and closed with this
  public NodeChange add(StorageNode node, ObjectStore place) {
    if (nodes.containsKey(node.id())) {
      throw new InvalidRequest("a node of this id is there: node=" + node.id(), "use another id");
    }
    nodes.put(node.id(), node);
    joining.put(node.id(), place);
    wished = true;
    return this;
  }

  /// A node gives up its pieces: [NodeCare] moves them away, then it can be removed.
  public NodeChange drain(String id) {
    return with(id, node -> node.withState(StorageNode.State.DRAINING));
  }

  /// A node is gone with what it held: [NodeCare] makes its pieces anew on others.
  public NodeChange lost(String id) {
    return with(id, node -> node.withState(StorageNode.State.LOST));
  }

  /// A node is given pieces again.
  public NodeChange activate(String id) {
    return with(id, node -> node.withState(StorageNode.State.ACTIVE));
  }

  /// A node leaves: it is drained, or lost.
  public NodeChange remove(String id) {
    with(id, node -> node);
    nodes.remove(id);
    removed.add(id);
    return this;
  }

  /// A node is to hold more or less.
  public NodeChange weight(String id, double weight) {
    wished = true;
    return with(id, node -> node.withWeight(weight));
  }

  /// A node stands elsewhere.
  public NodeChange zone(String id, String zone) {
    wished = true;
    return with(id, node -> node.withZone(zone));
  }

  /// A node is nearer or farther.
  public NodeChange tier(String id, StorageNode.Tier tier) {
    return with(id, node -> node.withTier(tier));
  }

  /// What is written from then on is spread otherwise; what is there stays as it is.
  public NodeChange strategy(Strategy other) {
    wished = true;
    strategy = other;
    return this;
  }

  /// Another node decides what is committed. Works without the one that decides now.
  public NodeChange promote(String id) {
    with(id, node -> node);
    promoted = Optional.of(id);
    return this;
  }

  private NodeChange with(String id, UnaryOperator<StorageNode> change) {
    StorageNode node = nodes.get(id);
    if (node == null) {
      throw new InvalidRequest(
          "no such node: node=%s nodes=%s".formatted(id, nodes.keySet()), "see 'nodes list'");
    }
    nodes.put(id, change.apply(node));
    return this;
  }

  /// What it comes to. Changes nothing.
  ///
  /// @throws InvalidRequest with the arithmetic, if the nodes could not carry the strategy; if a
  ///   node that is to be removed holds pieces; or if one that can't decide is to
  public Plan plan() {
    List<StorageNode> after = List.copyOf(nodes.values());
    PlacementTable before = store.table();
    requireEmpty();
    Feasibility feasibility = Feasibility.of(after, strategy);
    List<String> warnings = new ArrayList<>(feasibility.warnings());
    if (wished && !feasibility.feasible()) {
      throw new InvalidRequest(
          "%s does not fit these nodes: %s"
              .formatted(strategy, String.join("; ", feasibility.errors())),
          "'simulate placement' shows what nodes, weights and zones do");
    }
    warnings.addAll(0, feasibility.errors());
    PlacementTable table = before.next(after, strategy);
    if (table.unplaced() > 0) {
      warnings.addFirst(
          "%d of %d pieces stay on nodes that are draining or lost, as no other may take them: add a node"
              .formatted(table.unplaced(), table.pieceCount()));
    }
    List<String> copies =
        new ArrayList<>(CopyNodes.choose(table, store.epochs().getFirst().copies()));
    promoted.ifPresent(id -> {
      StorageNode node = nodes.get(id);
      if (node == null || !node.active()) {
        throw new InvalidRequest("node can't decide: it is not active: node=" + id, null);
      }
      copies.remove(id);
      copies.addFirst(id);
    });
    if (copies.isEmpty()) {
      throw new InvalidRequest("no node is active", "add one first");
    }
    return new Plan(before, table, copies.getFirst(), List.copyOf(copies), List.copyOf(warnings));
  }

  private void requireEmpty() {
    if (removed.isEmpty()) {
      return;
    }
    PieceCensus census = PieceCensus.take(store.nodeList(), store.executor(), "caches/");
    for (StorageNode node : store.table().nodes()) {
      if (removed.contains(node.id()) && node.state() != StorageNode.State.LOST) {
        long pieces = census.pieces(node.id()).count();
        boolean answers =
            store.node(node.id()).answers() && !census.unlisted().containsKey(node.id());
        if (pieces > 0 || !answers || node.active()) {
          throw new InvalidRequest(
              "node is not drained: node=%s state=%s pieces=%s"
                  .formatted(
                      node.id(),
                      node.state().name().toLowerCase(Locale.ROOT),
                      answers ? Long.toString(pieces) : "unknown, it does not answer"),
              "'nodes drain %1$s' and 'nodes rebalance' first; if it is gone for good, 'nodes remove %1$s --lost'"
                  .formatted(node.id()));
        }
      }
    }
  }

  /// Plans and makes it.
  ///
  /// @throws InvalidRequest as [#plan] does
  public int apply(Clock clock) throws IOException {
    return apply(plan(), clock);
  }

  /// Makes what was planned.
  ///
  /// @return the new epoch
  /// @throws InvalidRequest if a place that joins is in use
  /// @throws Locked if another change was quicker
  /// @throws ReadOnlyStoreException if too few of the nodes that have copies answer
  public int apply(Plan plan, Clock clock) throws IOException {
    List<Node> holders = store.metadataNodes();
    List<Node> left = holders.stream().filter(Node::answers).toList();
    if (left.size() <= holders.size() / 2) {
      throw ReadOnlyStoreException.because(
          "%d of %d nodes that have copies answer: %s"
              .formatted(left.size(), holders.size(), left));
    }
    Map<String, Node> all = new LinkedHashMap<>();
    store.nodeList().forEach(node -> all.put(node.id(), node));
    for (Map.Entry<String, ObjectStore> place : joining.entrySet()) {
      all.put(place.getKey(), join(place.getKey(), place.getValue()));
    }
    List<Node> copies = new ArrayList<>();
    for (String id : plan.copies()) {
      Node node = all.get(id);
      if (node != null && node.answers()) {
        copies.add(node);
      }
    }
    if (copies.isEmpty() || !copies.getFirst().id().equals(plan.commitNode())) {
      throw new InvalidRequest(
          "node can't decide: it does not answer: node=" + plan.commitNode(),
          "'nodes promote ID' with a node that does");
    }
    PlacementFile file =
        PlacementFile.of(
            store.nodeSet(),
            plan.after(),
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            plan.commitNode(),
            plan.copies());
    fill(left, copies);
    create(file, left, holders.size() / 2 + 1, copies.getFirst());
    fill(left, copies);
    for (Node node : all.values()) {
      if (node.answers() && !left.contains(node)) {
        tell(node, file);
      }
    }
    return file.epoch();
  }

  private Node join(String id, ObjectStore place) throws IOException {
    StorageNode description = nodes.get(id);
    if (description == null) {
      throw new IllegalStateException("a node joins and is not among the nodes: " + id);
    }
    Node node = new Node(description, place);
    boolean ours =
        place.size(NodeFile.NAME).isPresent()
            && NodeFile.read(place.read(NodeFile.NAME))
                .equals(new NodeFile(NodeFile.FORMAT, store.nodeSet(), id));
    if (!ours) { // An earlier change may have been stopped behind this step.
      NodeSet.requireUsable(new NodeSet.Place(description, place));
      store.inscribe(node);
    } else if (wasRemoved(id)) {
      requireCleared(node);
    }
    return node;
  }

  private boolean wasRemoved(String id) {
    return store.epochs().stream()
        .flatMap(epoch -> epoch.nodes().stream())
        .anyMatch(entry -> entry.id().equals(id));
  }

  /// A node that was of the set before may hold what was deleted since, and would bring it back.
  private static void requireCleared(Node node) throws IOException {
    for (ObjectInfo object : node.call(place -> place.list(""))) {
      if (!PlacedStore.ofNodes(object.key()) && !MetadataKeys.fleeting(object.key())) {
        throw new InvalidRequest(
            "a node that was removed comes back with what it held then: node=%s location=%s first=%s"
                .formatted(node.id(), node.location(), object.key()),
            "some of that may have been deleted since: empty the place, then add it");
      }
    }
  }

  private void fill(List<Node> from, List<Node> to) throws IOException {
    NodeFindings findings = new NodeFindings();
    CopyCare care = new CopyCare(store, NodeCare.Options.repairing(), findings);
    care.run(from, to);
    care.passOnHeartbeats(from, to);
    Set<String> unfilled = new LinkedHashSet<>();
    to.forEach(node -> {
      if (findings.failed().keySet().stream().anyMatch(at -> at.startsWith(node.id() + ": "))) {
        unfilled.add(node.id());
      }
    });
    if (!unfilled.isEmpty()) {
      throw new IOException("nodes that are to have copies fail: " + findings.failed());
    }
  }

  private static void create(PlacementFile file, List<Node> left, int majority, Node decider)
      throws IOException {
    List<Node> created = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Node node : left) {
      try {
        if (!createOn(node, file)) {
          undo(created, file);
          throw new Locked(
              "another change of the nodes was quicker: epoch=" + file.epoch(),
              "look at 'nodes list', then try again");
        }
        created.add(node);
      } catch (IOException e) {
        failures.add(node.id() + ": " + e.getMessage());
      }
    }
    if (created.size() < majority) {
      throw new IOException(
          "too few nodes took the new epoch: epoch=%d nodes=%d needed=%d; %s"
              .formatted(file.epoch(), created.size(), majority, String.join("; ", failures)));
    }
    // Who promotes a node must know that it knows: it decides from now on.
    if (!created.contains(decider) && !createOn(decider, file)) {
      throw new IOException(
          "the node that is to decide has another epoch: node=%s epoch=%d; %s"
              .formatted(decider.id(), file.epoch(), String.join("; ", failures)));
    }
  }

  private static boolean createOn(Node node, PlacementFile file) throws IOException {
    String key = PlacementFile.key(file.epoch());
    ByteBuffer bytes = file.bytes();
    return node.call(place -> place.createIfAbsent(key, bytes) || place.read(key).equals(bytes));
  }

  private static void undo(List<Node> created, PlacementFile file) {
    for (Node node : created) {
      try {
        node.call(place -> {
          place.delete(PlacementFile.key(file.epoch()));
          return true;
        });
      } catch (IOException e) {
        // The other one's is on more nodes, and counts.
      }
    }
  }

  private static void tell(Node node, PlacementFile file) {
    try {
      createOn(node, file);
    } catch (IOException e) {
      // It is stale then, and told by the next repair.
    }
  }

  /// Closes the places that were to join.
  @Override
  public void close() throws IOException {
    for (ObjectStore place : joining.values()) {
      place.close();
    }
  }
}
