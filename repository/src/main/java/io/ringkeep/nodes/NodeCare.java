package io.ringkeep.nodes;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.lock.LeaseHolder;
import io.ringkeep.repository.lock.Leases;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/// Looks after all pieces and copies: finds what is missing or damaged, makes it anew, and moves
/// what is not where it should be. Needs no key, and can be stopped and begun again at any time.
public final class NodeCare {
  /*
   * Order: wiped nodes that someone asked for are taken in, epochs and copies are compared (CopyCare), then pieces
   * object by object (PieceCare). Nothing is taken away before its replacement is there: a piece that moves is written
   * and read back in its new place first, a damaged one goes right before its replacement is committed.
   *
   * Backups and restores run on meanwhile. What they do to an object between two looks at it is not mistaken for a loss:
   * whatever seems to lack something is looked at again, at the end.
   */
  private static final String LEASE = "nodes";

  private final PlacedStore store;
  private final Options options;
  private final NodeFindings findings = new NodeFindings();

  /// Looks whether work may go on.
  interface Check {
    /// Returns if it may.
    ///
    /// @throws IOException if not
    void run() throws IOException;
  }

  /// Is told how far it got.
  public interface Progress {
    /// After each object.
    ///
    /// @param objects how many there are to look at
    /// @param done how many of them were looked at
    /// @param bytes how many were read, written or moved so far
    void at(long done, long objects, long bytes);
  }

  /// What to do.
  ///
  /// @param readAll whether every byte is read and compared, not only listed
  /// @param repair whether what is missing or damaged is made anew
  /// @param move whether pieces go where they belong
  /// @param adopt ids of wiped nodes that are taken in again: what they held is made anew
  /// @param pace is told how many bytes come next, and may wait
  public record Options(
      boolean readAll,
      boolean repair,
      boolean move,
      Set<String> adopt,
      LongConsumer pace,
      Progress progress) {
    public Options {
      adopt = Set.copyOf(adopt);
    }

    private static Options of(boolean readAll, boolean repair, boolean move) {
      return new Options(readAll, repair, move, Set.of(), _ -> {}, (_, _, _) -> {});
    }

    /// Finds what is missing or damaged: reads every byte. Changes nothing.
    public static Options scrub() {
      return of(true, false, false);
    }

    /// Makes anew what is missing, by listings.
    public static Options repairing() {
      return of(false, true, false);
    }

    /// Moves pieces to where they belong, and makes anew what is missing.
    public static Options rebalance() {
      return of(false, true, true);
    }

    /// The same, reading every byte.
    public Options readingAll() {
      return new Options(true, repair, move, adopt, pace, progress);
    }

    /// The same, and wiped nodes are taken in again.
    public Options adopting(Set<String> ids) {
      return new Options(readAll, repair, move, ids, pace, progress);
    }

    /// The same, no faster than `other` allows.
    public Options at(LongConsumer other) {
      return new Options(readAll, repair, move, adopt, other, progress);
    }

    /// The same, telling `other` how far it got.
    public Options telling(Progress other) {
      return new Options(readAll, repair, move, adopt, pace, other);
    }

    boolean changes() {
      return repair || move;
    }
  }

  private NodeCare(PlacedStore store, Options options) {
    this.store = store;
    this.options = options;
  }

  /// Looks at all nodes, and does what the options say. What is to change anything holds the lease
  /// `nodes` meanwhile.
  ///
  /// @throws Locked if someone else is at it
  /// @throws ReadOnlyStoreException if something is to change and too few nodes answer
  /// @throws InvalidRequest if a node that is to be taken in was not wiped, or can't be yet
  public static NodeFindings run(PlacedStore store, Options options, Clock clock)
      throws IOException {
    NodeCare care = new NodeCare(store, options);
    if (!options.changes()) {
      return care.run(() -> {});
    }
    care.adopt();
    Leases leases = new Leases(store, clock, new SecureRandom());
    try (Lease lease = leases.acquire(LEASE, options.move() ? "rebalance" : "repair")) {
      return care.run(() -> {
        lease.check();
        store.metadata().refuseIfChanged();
      });
    }
  }

  /// Who repairs or rebalances.
  ///
  /// @param since by the worker's own clock
  public record Worker(String host, long pid, String purpose, Instant since) {
    private static Worker of(LeaseHolder holder) {
      return new Worker(holder.host(), holder.pid(), holder.purpose(), holder.since());
    }
  }

  /// Who seems to repair or rebalance now, by one look.
  public static Optional<Worker> working(PlacedStore store, Clock clock) throws IOException {
    return new Leases(store, clock, new SecureRandom()).holder(LEASE).map(Worker::of);
  }

  private NodeFindings run(Check check) throws IOException {
    new CopyCare(store, options, findings).run(store.metadataNodes(), store.metadataNodes());
    new PieceCare(store, options, findings, check).run();
    store.nodeList().stream()
        .filter(node -> !node.answers() && node.description().state() != StorageNode.State.LOST)
        .forEach(findings::addAway);
    return findings;
  }

  /// Takes in wiped nodes. One that has copies gets all of them before it says which node it is:
  /// the one that decides must know what was decided.
  private void adopt() throws IOException {
    List<Node> adopted =
        store.nodeList().stream().filter(node -> options.adopt().contains(node.id())).toList();
    if (adopted.size() < options.adopt().size()) {
      throw new InvalidRequest(
          "no such node: asked=%s nodes=%s".formatted(options.adopt(), store.nodeList()), null);
    }
    for (Node node : adopted) {
      if (!node.wiped()) {
        throw new InvalidRequest(
            "node was not wiped: node=%s condition=%s".formatted(node.id(), node.condition()),
            "only an empty node is taken in again");
      }
    }
    if (adopted.isEmpty()) {
      return;
    }
    List<Node> copies = store.metadataNodes();
    List<Node> left = copies.stream().filter(Node::answers).toList();
    List<Node> taken = copies.stream().filter(adopted::contains).toList();
    boolean majority = left.size() > copies.size() / 2;
    if (left.isEmpty() || !(majority || left.size() + taken.size() == copies.size())) {
      throw new InvalidRequest(
          "too few nodes that have copies answer: answering=%s of=%s".formatted(left, copies),
          "bring back one more of them, or take in all that are empty");
    }
    adopted.forEach(Node::rejoin);
    for (Node node : adopted) {
      requireOurs(node, left);
    }
    NodeFindings copied = new NodeFindings();
    CopyCare care = new CopyCare(store, options, copied);
    care.run(left, taken);
    care.passOnHeartbeats(left, taken);
    if (!copied.failed().isEmpty()) {
      adopted.forEach(node -> node.suffers(NodeInfo.Condition.WIPED, "it could not be filled"));
      throw new IOException("a wiped node could not be filled: " + copied.failed());
    }
    for (Node node : adopted) {
      store.inscribe(node);
      findings.addAdopted(node, store.strategy().toleratedLosses() == 0);
    }
  }

  /// Refuses a place that holds something else: to fill it would damage both. What is ours says so:
  /// by the repository's own file, which an interrupted adoption copies first, or by an epoch.
  private void requireOurs(Node node, List<Node> left) throws IOException {
    Set<String> there = new TreeSet<>();
    for (ObjectInfo object : node.call(place -> place.list(""))) {
      if (!object.key().startsWith(NodeSet.PROBE)) {
        there.add(object.key());
      }
    }
    if (there.isEmpty() || ours(node, there, left)) {
      return;
    }
    boolean repository = there.contains(Repository.FILE);
    String what = repository ? "it holds another repository" : "it holds something else";
    node.suffers(NodeInfo.Condition.FOREIGN, what);
    throw new InvalidRequest(
        "node is not filled, %s: node=%s location=%s first=%s"
            .formatted(what, node.id(), node.location(), there.iterator().next()),
        "correct its url in the file of settings, or empty that place");
  }

  private boolean ours(Node node, Set<String> there, List<Node> left) throws IOException {
    if (there.contains(Repository.FILE)) {
      ByteBuffer theirs = node.call(place -> place.read(Repository.FILE));
      for (Node other : left) {
        if (other.call(place -> place.size(Repository.FILE)).isPresent()
            && other.call(place -> place.read(Repository.FILE)).equals(theirs)) {
          return true;
        }
      }
      return false;
    }
    for (PlacementFile epoch : store.epochs()) {
      String key = PlacementFile.key(epoch.epoch());
      if (there.contains(key) && node.call(place -> place.read(key)).equals(epoch.bytes())) {
        return true;
      }
    }
    return false;
  }
}
