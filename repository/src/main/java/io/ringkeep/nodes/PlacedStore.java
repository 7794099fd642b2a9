package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectKeys;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.StoreProbe;
import io.ringkeep.store.StoreTraits;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Many nodes as one store: data in pieces, spread by the strategy; everything else in copies.
public final class PlacedStore implements ObjectStore {
  /// What lies on a storage node and nowhere else (`docs/format/nodes.md`).
  public static final String NODE_FILE = NodeFile.NAME;

  private final String nodeSet;
  private final Placement placement;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final ExecutorService executor;
  private final WriteReport writes = new WriteReport();
  private final ReadReport reads = new ReadReport();
  private final List<PlacementFile> epochs;
  private final MetadataCopies metadata;
  private final PiecedObjects pieced;

  /// @param epochs newest first
  PlacedStore(List<PlacementFile> epochs, List<Node> nodes) {
    this.nodeSet = epochs.getFirst().nodeSet();
    this.epochs = List.copyOf(epochs);
    byte[] start = new byte[8];
    new SecureRandom().nextBytes(start);
    this.placement =
        new Placement(
            epochs.stream().map(PlacementFile::table).toList(), HexFormat.of().formatHex(start));
    nodes.forEach(node -> this.nodes.put(node.id(), node));
    executor = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("node-", 0).factory());
    metadata = new MetadataCopies(metadataNodes(), epoch(), executor, writes);
    pieced = new PiecedObjects(nodeSet, placement, this.nodes, executor, writes, reads);
  }

  Node node(String id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("no such node: " + id);
    }
    return node;
  }

  /// The node of an id, if it is of the set.
  Optional<Node> find(String id) {
    return Optional.ofNullable(nodes.get(id));
  }

  /// Whether an object says what a node is and where pieces lie: no part of what is stored.
  static boolean ofNodes(String key) {
    return key.equals(NodeFile.NAME) || key.startsWith(PlacementFile.DIRECTORY);
  }

  /// Whether an object lies in pieces.
  ///
  /// @throws IllegalArgumentException if nothing can have this key
  static boolean inPieces(String key) {
    ObjectKeys.names(key);
    if (Tombstones.is(key)) {
      throw new IllegalArgumentException("a tombstone is nobody's object: key=" + key);
    }
    return key.startsWith("caches/") && key.endsWith(".data");
  }

  /// What all nodes of the set share.
  public String nodeSet() {
    return nodeSet;
  }

  /// What writing came to so far.
  public WriteReport writes() {
    return writes;
  }

  /// What reading came to so far.
  public ReadReport reads() {
    return reads;
  }

  /// How new objects are spread.
  public Strategy strategy() {
    return placement.newest().strategy();
  }

  /// Number of the newest decision about the nodes, from 1.
  public int epoch() {
    return epochs.getFirst().epoch();
  }

  /// Which node holds which piece of what is written now.
  public PlacementTable table() {
    return placement.newest();
  }

  /// All nodes of the newest epoch, by id.
  public List<NodeInfo> nodes() {
    PlacementFile newest = epochs.getFirst();
    return nodes.values().stream()
        .map(node ->
            new NodeInfo(
                node.description(),
                node.location(),
                node.condition(),
                node.why(),
                node.id().equals(newest.commitNode()),
                newest.copies().contains(node.id())))
        .toList();
  }

  /// Tries to write on each node that answers, which finds out those that are full or read-only.
  ///
  /// @return the nodes after that
  public List<NodeInfo> probe() {
    Together.run(
        nodeList(),
        executor,
        node -> {
          try {
            StoreTraits traits = node.call(store -> StoreProbe.of(store, NodeSet.PROBE));
            if (!traits.missing().isEmpty()) {
              node.suffers(
                  NodeInfo.Condition.UNFIT,
                  "%s: %s".formatted(traits.complaint(), traits.missing().getFirst().hint()));
            }
            return true;
          } catch (IOException e) {
            // Not every server says that it is full: some just fail to write.
            if (node.condition() == NodeInfo.Condition.OK) {
              node.suffers(NodeInfo.Condition.READ_ONLY, String.valueOf(e.getMessage()));
            }
            return false;
          }
        });
    return nodes();
  }

  /// Why nothing can be written; empty if it can.
  public Optional<String> readOnlyBecause() {
    return Optional.ofNullable(metadata.readOnlyBecause());
  }

  /// From now on a write fails unless every piece and every copy is written.
  public void requireFull() {
    metadata.requireFull();
    pieced.requireFull();
  }

  /// Nodes that are left alone, and why.
  public Map<String, String> away() {
    Map<String, String> away = new TreeMap<>();
    nodes.values().forEach(node -> node.away().ifPresent(why -> away.put(node.id(), why)));
    return away;
  }

  /// Looks at all nodes again: those that were left alone and answer now are used, those that are
  /// no longer what they were, such as a disk that is not mounted, are left alone. What runs for
  /// days needs it; a command that ends soon does without.
  public void lookAgain() {
    Together.run(
        nodeList(),
        executor,
        node -> {
          NodeSet.lookAgain(node, nodeSet, epoch());
          return true;
        });
  }

  /// Those of some data objects of which a listing finds too few pieces to have them back.
  ///
  /// @param directory that all of them are in
  public List<String> lacking(String directory, Collection<String> objects) {
    PieceCensus census = PieceCensus.take(nodeList(), executor, directory);
    return objects.stream().filter(object -> !census.whole(object)).toList();
  }

  Placement placement() {
    return placement;
  }

  List<Node> nodeList() {
    return List.copyOf(nodes.values());
  }

  /// What was decided about the nodes, newest first.
  List<PlacementFile> epochs() {
    return epochs;
  }

  ExecutorService executor() {
    return executor;
  }

  MetadataCopies metadata() {
    return metadata;
  }

  /// Nodes that have copies of what does not lie in pieces, the one that decides first.
  List<Node> metadataNodes() {
    return epochs.getFirst().copies().stream().map(this::node).toList();
  }

  /// Writes on a node which one it is, and all that is known of placement.
  ///
  /// @throws InvalidRequest if the place is another node: two of them are one place
  void inscribe(Node node) throws IOException {
    NodeFile file = new NodeFile(NodeFile.FORMAT, nodeSet, node.id());
    ByteBuffer there =
        node.call(place -> {
          for (PlacementFile epoch : epochs.reversed()) {
            place.createIfAbsent(PlacementFile.key(epoch.epoch()), epoch.bytes());
          }
          return place.createIfAbsent(NodeFile.NAME, file.bytes())
              ? file.bytes()
              : place.read(NodeFile.NAME);
        });
    if (!there.equals(file.bytes())) {
      throw new InvalidRequest(
          "two nodes are the same place: nodes=%s,%s location=%s"
              .formatted(NodeFile.read(there).node(), node.id(), node.location()),
          "what is lost there would be lost twice: give each node a place of its own");
    }
  }

  /// An object that lies in pieces, looked for anew.
  PiecedObject open(String object) throws IOException {
    return pieced.find(object);
  }

  ErasureCode code(PieceName piece) {
    return pieced.code(piece);
  }

  @Override
  public int ringRanges() {
    return strategy() instanceof Strategy.Sharded sharded ? sharded.shards() : 1;
  }

  @Override
  public String placeMark(int range) {
    return placement.mark(range);
  }

  @Override
  public boolean readable(String key) throws IOException {
    return inPieces(key) ? pieced.readable(key) : metadata.size(key).isPresent();
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    if (!inPieces(key)) {
      metadata.put(key, content);
      return;
    }
    if (!createIfAbsent(key, content)) {
      throw new IOException("what lies in pieces is written once: object=" + key);
    }
  }

  @Override
  public boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
    if (!inPieces(key)) {
      return metadata.createIfAbsent(key, content);
    }
    try (ObjectUpload upload = upload(key)) {
      upload.write(content.duplicate());
      return upload.commit();
    }
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    metadata.requireWritable();
    return inPieces(key) ? pieced.upload(key) : new Gathered(key);
  }

  /// Metadata on its way: small enough to be gathered.
  private final class Gathered implements ObjectUpload {
    private final String key;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Gathered(String key) {
      this.key = key;
    }

    @Override
    public void write(ByteBuffer content) {
      byte[] part = new byte[content.remaining()];
      content.get(part);
      bytes.writeBytes(part);
    }

    @Override
    public boolean commit() throws IOException {
      return metadata.createIfAbsent(key, ByteBuffer.wrap(bytes.toByteArray()));
    }

    @Override
    public void close() {}
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    return inPieces(key) ? pieced.size(key) : metadata.size(key);
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    if (!inPieces(key)) {
      return metadata.read(key);
    }
    long length = pieced.size(key).orElseThrow(() -> new NoSuchObjectException(key));
    ByteBuffer whole = ByteBuffer.allocateDirect(Math.toIntExact(length));
    pieced.read(key, 0, whole);
    return whole.flip();
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    if (inPieces(key)) {
      pieced.read(key, offset, into);
      return;
    }
    ByteBuffer whole = metadata.read(key);
    if (offset < 0 || offset + into.remaining() > whole.limit()) {
      throw new EOFException("object ends at " + whole.limit() + ": " + key);
    }
    into.put(whole.slice((int) offset, into.remaining()));
  }

  @Override
  public void delete(String key) throws IOException {
    if (inPieces(key)) {
      metadata.requireWritable();
      if (!pieced.delete(key)) {
        metadata.entomb(key);
      }
    } else {
      metadata.delete(key);
    }
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    ObjectKeys.directory(directory);
    TreeMap<String, ObjectInfo> found = new TreeMap<>();
    metadata.list(directory).forEach(object -> found.put(object.key(), object));
    pieced.list(directory).forEach(object -> found.put(object.key(), object));
    List<String> tombstones = found.keySet().stream().filter(Tombstones::is).toList();
    tombstones.forEach(tombstone -> {
      found.remove(tombstone);
      found.remove(Tombstones.object(tombstone));
    });
    found.keySet().removeIf(PlacedStore::ofNodes);
    return List.copyOf(found.values());
  }

  @Override
  public String location() {
    return nodes.size() + " nodes: " + String.join(", ", nodes.keySet());
  }

  @Override
  public void close() throws IOException {
    executor.close();
    IOException failure = null;
    for (Node node : nodes.values()) {
      try {
        node.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
