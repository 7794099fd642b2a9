package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/// The objects that lie in pieces: the data of runs. Thread-safe.
final class PiecedObjects {
  private static final int KEPT_OPEN = 1024;

  private final String nodeSet;
  private final Placement placement;
  private final Map<String, Node> nodes;
  private final ExecutorService executor;
  private final WriteReport writes;
  private final ReadReport reads;
  private final Map<PieceShape, ErasureCode> codes = new ConcurrentHashMap<>();
  private final Map<String, PiecedObject> open =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PiecedObject> eldest) {
          return size() > KEPT_OPEN;
        }
      };

  private record PieceShape(int data, int parity) {}

  PiecedObjects(
      String nodeSet,
      Placement placement,
      Map<String, Node> nodes,
      ExecutorService executor,
      WriteReport writes,
      ReadReport reads) {
    this.nodeSet = nodeSet;
    this.placement = placement;
    this.nodes = nodes;
    this.executor = executor;
    this.writes = writes;
    this.reads = reads;
  }

  ObjectUpload upload(String key) {
    Placement.Cut cut = placement.cut(key);
    Strategy strategy = placement.newest().strategy();
    int enough = strategy instanceof Strategy.Sharded ? 1 : strategy.commitPieces();
    return new PieceUpload(
        cut.first(),
        cut.nodes().stream().map(this::node).toList(),
        enough,
        nodeSet,
        code(cut.first()),
        executor,
        writes);
  }

  private Node node(String id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new IllegalStateException("placement names a node that is not of the set: " + id);
    }
    return node;
  }

  ErasureCode code(PieceName piece) {
    return codes.computeIfAbsent(
        new PieceShape(piece.data(), piece.parity()),
        shape -> ErasureCode.of(shape.data(), Math.max(1, shape.parity())));
  }

  OptionalLong size(String key) throws IOException {
    try {
      return OptionalLong.of(open(key).length());
    } catch (NoSuchObjectException e) {
      return OptionalLong.empty();
    }
  }

  void read(String key, long offset, ByteBuffer into) throws IOException {
    open(key).read(offset, into);
  }

  private PiecedObject open(String key) throws IOException {
    synchronized (open) {
      PiecedObject known = open.get(key);
      if (known != null) {
        return known;
      }
    }
    PiecedObject object = find(key);
    synchronized (open) {
      open.put(key, object);
    }
    return object;
  }

  /// Opens an object, wherever its pieces are.
  ///
  /// @throws NoSuchObjectException if no node that answers has one
  PiecedObject find(String key) throws IOException {
    @Nullable IOException failure = null;
    for (PieceName shape : placement.shapes(key)) {
      List<PieceSource> sources = sources(shape);
      for (PieceSource source : sources) {
        try {
          OptionalLong bytes = source.objectBytes();
          if (bytes.isPresent()) {
            PieceLayout layout = new PieceLayout(shape.data(), bytes.getAsLong());
            return new PiecedObject(key, layout, sources, code(shape), executor, reads);
          }
        } catch (IOException e) {
          failure = e;
        }
      }
    }
    throw failure != null ? failure : new NoSuchObjectException(key);
  }

  /// With K = 1 one source for each node that should have a copy, then one for all others.
  private List<PieceSource> sources(PieceName shape) {
    List<PieceSource> sources = new ArrayList<>();
    if (shape.data() > 1) {
      for (int i = 0; i < shape.data() + shape.parity(); i++) {
        sources.add(source(shape.withIndex(i), placement.candidates(shape.withIndex(i))));
      }
      return sources;
    }
    for (String candidate : placement.candidates(shape)) {
      sources.add(source(shape, List.of(candidate)));
    }
    return sources;
  }

  private PieceSource source(PieceName piece, List<String> candidates) {
    return new PieceSource(piece, nodeSet, candidates.stream().map(this::node).toList(), reads);
  }

  /// Objects of which any piece is on a node that answers; their length is that of all those
  /// pieces.
  List<ObjectInfo> list(String directory) throws IOException {
    TreeMap<String, Long> bytes = new TreeMap<>();
    for (Node node : nodes.values()) {
      try {
        for (ObjectInfo stored : node.call(store -> store.list(directory))) {
          Optional<PieceName> piece = PieceName.parse(stored.key());
          piece.ifPresent(name -> bytes.merge(name.object(), stored.sizeBytes(), Long::sum));
        }
      } catch (IOException e) {
        // What it has is on others too, or is lost while it is away.
      }
    }
    List<ObjectInfo> objects = new ArrayList<>();
    bytes.forEach((object, length) -> objects.add(new ObjectInfo(object, length)));
    return objects;
  }

  /// Deletes every piece of it that a node that answers may have.
  void delete(String key) throws IOException {
    synchronized (open) {
      open.remove(key);
    }
    for (PieceName shape : placement.shapes(key)) {
      for (int i = 0; i < shape.data() + shape.parity(); i++) {
        PieceName piece = shape.withIndex(i);
        for (String candidate : placement.candidates(piece)) {
          Node node = node(candidate);
          if (node.away().isEmpty()) {
            node.call(store -> {
              store.delete(piece.key());
              return true;
            });
          }
        }
      }
    }
  }
}
