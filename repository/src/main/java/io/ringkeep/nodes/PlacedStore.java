package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectKeys;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Many nodes as one store: data in pieces, spread by the strategy; everything else in copies.
public final class PlacedStore implements ObjectStore {
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
    this.placement = new Placement(epochs.stream().map(PlacementFile::table).toList());
    nodes.forEach(node -> this.nodes.put(node.id(), node));
    executor = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("node-", 0).factory());
    metadata = new MetadataCopies(metadataNodes(), executor, writes);
    pieced = new PiecedObjects(nodeSet, placement, this.nodes, executor, writes, reads);
  }

  Node node(String id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("no such node: " + id);
    }
    return node;
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

  /// Nodes that are left alone, and why.
  public Map<String, String> away() {
    Map<String, String> away = new TreeMap<>();
    nodes.values().forEach(node -> node.away().ifPresent(why -> away.put(node.id(), why)));
    return away;
  }

  Placement placement() {
    return placement;
  }

  List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  /// Nodes that have copies of what does not lie in pieces, the one that decides first.
  List<Node> metadataNodes() {
    return epochs.getFirst().copies().stream().map(this::node).toList();
  }

  /// Writes on a node which one it is, and all that is known of placement.
  void inscribe(Node node) throws IOException {
    node.call(place -> {
      for (PlacementFile epoch : epochs) {
        place.put(PlacementFile.key(epoch.epoch()), epoch.bytes());
      }
      place.put(NodeFile.NAME, new NodeFile(NodeFile.FORMAT, nodeSet, node.id()).bytes());
      return true;
    });
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
  public void put(String key, ByteBuffer content) throws IOException {
    ObjectKeys.names(key);
    metadata.put(key, content);
  }

  @Override
  public boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
    if (!inPieces(key)) {
      return metadata.createIfAbsent(key, content);
    }
    try (ObjectUpload upload = pieced.upload(key)) {
      upload.write(content.duplicate());
      return upload.commit();
    }
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
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
    if (offset + into.remaining() > whole.limit()) {
      throw new EOFException("object ends at " + whole.limit() + ": " + key);
    }
    into.put(whole.slice((int) offset, into.remaining()));
  }

  @Override
  public void delete(String key) throws IOException {
    if (inPieces(key)) {
      pieced.delete(key);
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
