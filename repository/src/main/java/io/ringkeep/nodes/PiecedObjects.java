package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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
  private final SecureRandom random = new SecureRandom();
  private final Map<PieceShape, ErasureCode> codes = new ConcurrentHashMap<>();
  private final Set<String> committing = ConcurrentHashMap.newKeySet();
  private volatile boolean full;
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

  /// From now on an object counts only with all its pieces.
  void requireFull() {
    full = true;
  }

  ObjectUpload upload(String key) {
    Placement.Cut cut = placement.cut(key);
    return new PieceUpload(
        cut.first(),
        cut.nodes().stream().map(this::node).toList(),
        full ? cut.nodes().size() : cut.enough(),
        nodeSet,
        random.nextLong(),
        code(cut.first()),
        executor,
        writes,
        committing);
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

  /// Whether the whole of it could be read now.
  boolean readable(String key) throws IOException {
    try {
      return find(key).readable();
    } catch (NoSuchObjectException | NodeAway e) {
      return false;
    }
  }

  void read(String key, long offset, ByteBuffer into) throws IOException {
    int position = into.position();
    PiecedObject object = open(key);
    try {
      object.read(offset, into);
    } catch (PiecedObject.TooFewPieces e) {
      into.position(position);
      remember(key, whole(key, e)).read(offset, into);
    }
  }

  private PiecedObject open(String key) throws IOException {
    synchronized (open) {
      PiecedObject known = open.get(key);
      if (known != null) {
        return known;
      }
    }
    return remember(key, find(key));
  }

  private PiecedObject remember(String key, PiecedObject object) {
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
          Optional<StoredPiece.Opened> opened = source.open();
          if (opened.isPresent()) {
            return object(key, shape, opened.get(), sources);
          }
        } catch (IOException e) {
          failure = NodeAway.least(failure, e);
        }
      }
    }
    throw failure != null ? failure : new NoSuchObjectException(key);
  }

  /// Opens an object of which pieces of several uploads are there, by the upload that is whole.
  ///
  /// @param failure thrown if there is none
  private PiecedObject whole(String key, PiecedObject.TooFewPieces failure) throws IOException {
    for (PieceName shape : placement.shapes(key)) {
      Map<Long, StoredPiece.Opened> uploads = new LinkedHashMap<>();
      for (PieceSource source : sources(shape)) {
        try {
          source.open().ifPresent(opened -> uploads.putIfAbsent(opened.upload(), opened));
        } catch (IOException e) {
          failure.addSuppressed(e);
        }
      }
      for (StoredPiece.Opened opened : uploads.values()) {
        PiecedObject object = object(key, shape, opened, sources(shape));
        if (object.readable()) {
          return object;
        }
      }
    }
    throw failure;
  }

  private PiecedObject object(
      String key, PieceName shape, StoredPiece.Opened opened, List<PieceSource> sources) {
    return new PiecedObject(key, nodeSet, opened, sources, code(shape), executor, reads);
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
  List<ObjectInfo> list(String directory) {
    TreeMap<String, Long> bytes = new TreeMap<>();
    for (List<ObjectInfo> stored :
        Together.run(List.copyOf(nodes.values()), executor, node -> list(node, directory))) {
      for (ObjectInfo piece : stored) {
        PieceName.parse(piece.key())
            .ifPresent(name -> bytes.merge(name.object(), piece.sizeBytes(), Long::sum));
      }
    }
    List<ObjectInfo> objects = new ArrayList<>();
    bytes.forEach((object, length) -> objects.add(new ObjectInfo(object, length)));
    return objects;
  }

  private List<ObjectInfo> list(Node node, String directory) {
    try {
      return node.call(store -> store.list(directory));
    } catch (NodeAway e) {
      return List.of(); // What it has is on others too, or is lost while it is away.
    } catch (IOException e) {
      reads.unlisted(node, String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  /// Deletes every piece of it that a node may have.
  ///
  /// @return whether every node of the set was asked: one that was not may still have a piece
  boolean delete(String key) {
    synchronized (open) {
      open.remove(key);
    }
    List<PieceName> pieces = placement.pieces(key);
    return !Together.run(List.copyOf(nodes.values()), executor, node -> delete(node, pieces))
        .contains(false);
  }

  private static boolean delete(Node node, List<PieceName> pieces) {
    try {
      return node.call(store -> {
        for (PieceName piece : pieces) {
          store.delete(piece.key());
        }
        return true;
      });
    } catch (IOException e) {
      return false; // Also where it seems empty: a disk that is not mounted comes back as it was.
    }
  }
}
