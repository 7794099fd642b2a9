package io.ringkeep.nodes;

import io.ringkeep.repository.Repository;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Everything that does not lie in pieces: manifests, ledger, keys, leases. Small, and copied
/// whole. Thread-safe.
///
/// One node decides what exists: an object is created there first, then on the others, and counts
/// when a majority has it. Readers take any copy that is whole.
final class MetadataCopies {
  /*
   * WRITING asks a majority first, the deciding node among them: whether they have the object, and whether a newer
   * epoch is known. Hence a deciding node that was set back to an old state cannot create anew what was committed: of
   * any two majorities one node is in both, and nothing is ever overwritten. What a copy fails for is not forgotten:
   * `unsettled` holds chains (ledger, leases) seen with too few copies, and nothing is appended before they have them.
   *
   * LISTING takes all answers together. As long as this can write, the deciding node and a majority must be among
   * them, so that who deletes what nobody needs has seen everything that somebody needs.
   *
   * DELETING needs the deciding node. Where a node is away, a tombstone remembers it.
   *
   * What is fleeting (heartbeats, read leases, probes) counts on the deciding node alone. Heartbeats are passed on to the
   * others without waiting, for the day when one of them decides: it then knows which leases were released.
   */
  private final Node commitNode;
  private final List<Node> nodes;
  private final String newerEpoch;
  private final ExecutorService executor;
  private final WriteReport report;
  private volatile boolean full;
  private final Set<String> unsettled = ConcurrentHashMap.newKeySet();
  private final CopyReads reads;

  /// @param nodes that have copies, the one that decides first
  /// @param epoch of which these are the nodes
  MetadataCopies(List<Node> nodes, int epoch, ExecutorService executor, WriteReport report) {
    this.commitNode = nodes.getFirst();
    this.nodes = List.copyOf(nodes);
    this.newerEpoch = PlacementFile.key(epoch + 1);
    this.executor = executor;
    this.report = report;
    this.reads = new CopyReads(this.nodes);
    // Half of an interrupted change of nodes, or of an interrupted init, would be lost with a node.
    unsettled.add(PlacementFile.key(epoch));
    unsettled.add(Repository.FILE);
  }

  /// How many copies make an object count.
  private int enough() {
    return full ? nodes.size() : majority();
  }

  private int majority() {
    return nodes.size() / 2 + 1;
  }

  /// From now on an object counts only with all its copies.
  void requireFull() {
    full = true;
  }

  /// Why nothing can be written; null if it can.
  @Nullable String readOnlyBecause() {
    if (!commitNode.answers()) {
      return "node %s decides what is committed, and is left alone (%s); 'nodes promote ID' makes another one decide"
          .formatted(commitNode.id(), commitNode.why());
    }
    if (commitNode.condition() == NodeInfo.Condition.READ_ONLY) {
      return "node %s decides what is committed, and can't be written to (%s); 'nodes promote ID' makes another one decide"
          .formatted(commitNode.id(), commitNode.why());
    }
    List<Node> away = nodes.stream().filter(node -> !node.answers()).toList();
    if (nodes.size() - away.size() < majority()) {
      return "%d of %d nodes that have copies answer, %d must (%s)"
          .formatted(
              nodes.size() - away.size(),
              nodes.size(),
              majority(),
              away.stream()
                  .map(node -> node.id() + ": " + node.why())
                  .collect(Collectors.joining("; ")));
    }
    return null;
  }

  void requireWritable() throws ReadOnlyStoreException {
    String reason = readOnlyBecause();
    if (reason != null) {
      throw ReadOnlyStoreException.because(reason);
    }
  }

  /// @throws ReadOnlyStoreException if too few nodes answer, or not the one that decides
  /// @throws IOException if too few took a copy; then it may exist or not, until someone tries
  ///   again
  boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
    requireWritable();
    if (MetadataKeys.fleeting(key)) {
      return commitNode.call(store -> store.createIfAbsent(key, content));
    }
    settle();
    if (present(key)) {
      finish(key);
      return false;
    }
    if (!commitNode.call(store -> create(store, key, content))) {
      finish(key);
      return false;
    }
    List<String> without = spread(key, content, /* likelyThere= */ false);
    if (!key.startsWith("control/") && !Tombstones.is(key)) {
      report.object(without, nodes.size() - without.size() - 1);
    }
    return true;
  }

  /// Gives an object that is there the copies that it lacks: whoever made it may have died.
  private void finish(String key) throws IOException {
    ByteBuffer content = read(key);
    if (Wholeness.of(key, content)) {
      spread(key, content, /* likelyThere= */ true);
    }
  }

  private static boolean create(ObjectStore store, String key, ByteBuffer content)
      throws IOException {
    if (!Tombstones.is(key) && store.size(Tombstones.of(key)).isPresent()) {
      throw new IOException("names are used once, and this one was deleted: object=" + key);
    }
    return store.createIfAbsent(key, content);
  }

  /// Whether a node other than the deciding one has it.
  ///
  /// @throws IOException if too few can tell, or know that the nodes were changed meanwhile
  private boolean present(String key) throws IOException {
    record Answer(boolean has, boolean newer) {}
    List<@Nullable Answer> answers =
        Together.<Node, @Nullable Answer>run(
            nodes,
            executor,
            node -> {
              try {
                return node.call(store ->
                    new Answer(
                        node != commitNode && store.size(key).isPresent(),
                        store.size(newerEpoch).isPresent()));
              } catch (IOException e) {
                return null;
              }
            });
    int told = 0;
    boolean has = false;
    for (@Nullable Answer answer : answers) {
      if (answer != null) {
        told++;
        has |= answer.has;
        refuseIfNewer(answer.newer);
      }
    }
    if (told < majority()) {
      throw new IOException(
          "too few nodes answer to commit: object=%s answers=%d needed=%d"
              .formatted(key, told, majority()));
    }
    return has;
  }

  /// @throws NodesChangedException if the nodes were changed since this was opened
  void refuseIfChanged() throws IOException {
    refuseIfNewer(commitNode.call(store -> store.size(newerEpoch).isPresent()));
  }

  private void refuseIfNewer(boolean newer) throws IOException {
    if (newer) {
      throw new NodesChangedException();
    }
  }

  /// Gives what was seen with too few copies the missing ones.
  private void settle() throws IOException {
    for (String key : List.copyOf(unsettled)) {
      try {
        finish(key);
      } catch (NoSuchObjectException e) {
        // There is none yet.
      }
      unsettled.remove(key);
    }
  }

  /// Creates a copy wherever there is none.
  ///
  /// @return ids of nodes that have none after that
  /// @throws IOException if too few have the same one then
  private List<String> spread(String key, ByteBuffer content, boolean likelyThere)
      throws IOException {
    reads.forget(key);
    List<Copy> copies =
        Together.run(nodes, executor, node -> copy(node, key, content, likelyThere));
    List<String> without = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < copies.size(); i++) {
      refuseIfNewer(copies.get(i).newer);
      String failure = copies.get(i).failure;
      if (failure != null) {
        without.add(nodes.get(i).id());
        reasons.add(nodes.get(i).id() + ": " + failure);
      }
    }
    int written = nodes.size() - without.size();
    if (written < enough()) {
      throw new IOException(
          "too few nodes took a copy: object=%s copies=%d needed=%d of=%d; %s"
              .formatted(key, written, enough(), nodes.size(), String.join("; ", reasons)));
    }
    return without;
  }

  private record Copy(@Nullable String failure, boolean newer) {}

  private Copy copy(Node node, String key, ByteBuffer content, boolean likelyThere) {
    try {
      boolean newer = node.call(store -> store.size(newerEpoch).isPresent());
      Optional<String> inTheWay = node.call(store -> copy(store, key, content, likelyThere));
      return new Copy(inTheWay.orElse(null), newer);
    } catch (IOException e) {
      return new Copy(String.valueOf(e.getMessage()), false);
    }
  }

  /// Creates a copy, or compares the one that is there; one that is damaged is replaced.
  ///
  /// @return what is in the way; empty if the copy is there
  private static Optional<String> copy(
      ObjectStore store, String key, ByteBuffer content, boolean likelyThere) throws IOException {
    boolean create = !likelyThere || store.size(key).isEmpty();
    if (create && store.createIfAbsent(key, content)) {
      return Optional.empty();
    }
    ByteBuffer there = store.read(key);
    if (there.equals(content)) {
      return Optional.empty();
    }
    if (!Wholeness.of(key, there) && Wholeness.of(key, content)) {
      store.put(key, content);
      return Optional.empty();
    }
    return Optional.of("it has another object of this name");
  }

  /// @throws ReadOnlyStoreException if too few nodes answer, or not the one that decides
  void put(String key, ByteBuffer content) throws IOException {
    requireWritable();
    if (MetadataKeys.fleeting(key)) {
      commitNode.call(store -> replace(store, key, content));
      passOn(key, store -> replace(store, key, content));
      return;
    }
    reads.forget(key);
    commitNode.call(store -> replace(store, key, content));
    List<Boolean> replaced =
        Together.run(
            others(),
            executor,
            node -> {
              try {
                return node.call(store -> replace(store, key, content));
              } catch (IOException e) {
                return false;
              }
            });
    long written = 1 + replaced.stream().filter(done -> done).count();
    if (written < enough()) {
      throw new IOException(
          "too few nodes took a copy: object=%s copies=%d needed=%d"
              .formatted(key, written, enough()));
    }
  }

  private static boolean replace(ObjectStore store, String key, ByteBuffer content)
      throws IOException {
    store.put(key, content);
    return true;
  }

  private List<Node> others() {
    return nodes.subList(1, nodes.size());
  }

  /// A whole object, from the first node whose copy is whole.
  ///
  /// @throws NoSuchObjectException if no node that answers has it
  ByteBuffer read(String key) throws IOException {
    return reads.read(key);
  }

  /// Whether any node that answers has it, and how long it is there.
  OptionalLong size(String key) throws IOException {
    return reads.size(key);
  }

  /// @throws ReadOnlyStoreException if too few nodes answer, or not the one that decides
  void delete(String key) throws IOException {
    requireWritable();
    unsettled.remove(key);
    reads.forget(key);
    if (MetadataKeys.fleeting(key)) {
      commitNode.call(store -> erase(store, key));
      passOn(key, store -> erase(store, key));
      return;
    }
    if (Tombstones.forGood(key)) {
      entomb(key);
    }
    boolean everywhere =
        !Together.run(
                nodes,
                executor,
                node -> {
                  try {
                    return node.call(store -> erase(store, key));
                  } catch (IOException e) {
                    return false;
                  }
                })
            .contains(false);
    if (!everywhere) {
      entomb(key);
    }
  }

  private void passOn(String key, Node.Call<Boolean> call) {
    if (MetadataKeys.heartbeat(key)) {
      others()
          .forEach(node ->
              executor.execute(() -> {
                try {
                  node.call(call);
                } catch (IOException e) {
                  // It will be there next time, or is not missed.
                }
              }));
    }
  }

  private static boolean erase(ObjectStore store, String key) throws IOException {
    store.delete(key);
    return true;
  }

  /// Remembers that an object was deleted.
  void entomb(String key) throws IOException {
    createIfAbsent(Tombstones.of(key), ByteBuffer.allocate(0));
  }

  /// What any node that answers has, sorted, tombstones included.
  ///
  /// @throws IOException if none answers; or, as long as this can write, if the deciding node or a
  ///   majority does not
  List<ObjectInfo> list(String directory) throws IOException {
    boolean complete = readOnlyBecause() == null;
    List<Listing> listings = Together.run(nodes, executor, node -> list(node, directory));
    int answers = 0;
    @Nullable IOException failure = null;
    TreeMap<String, ObjectInfo> found = new TreeMap<>();
    Map<String, Integer> copies = new HashMap<>();
    Set<String> decided = new TreeSet<>();
    for (Listing listing : listings) {
      failure = listing.failure != null ? listing.failure : failure;
      answers += listing.node.answers() && listing.failure == null ? 1 : 0;
      if (complete && listing.node == commitNode && listing.failure != null) {
        throw listing.failure;
      }
      for (ObjectInfo object : listing.objects) {
        found.putIfAbsent(object.key(), object);
        copies.merge(object.key(), 1, Integer::sum);
        if (listing.node == commitNode) {
          decided.add(object.key());
        }
      }
    }
    if (failure != null && answers < (complete ? majority() : 1)) {
      throw failure;
    }
    copies.forEach((key, count) -> {
      if (MetadataKeys.inChain(key) && (count < majority() || !decided.contains(key))) {
        unsettled.add(key);
      }
    });
    return List.copyOf(found.values());
  }

  private record Listing(Node node, List<ObjectInfo> objects, @Nullable IOException failure) {}

  private Listing list(Node node, String directory) {
    try {
      List<ObjectInfo> objects =
          node.ask(store -> store.list(directory)).stream()
              .filter(object -> PieceName.parse(object.key()).isEmpty())
              .filter(object -> node == commitNode || !MetadataKeys.fleeting(object.key()))
              .toList();
      return new Listing(node, objects, null);
    } catch (NoSuchObjectException e) {
      return new Listing(node, List.of(), null); // It was wiped.
    } catch (IOException e) {
      return new Listing(node, List.of(), e);
    }
  }
}
