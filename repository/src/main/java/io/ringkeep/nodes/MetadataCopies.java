package io.ringkeep.nodes;

import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/// Everything that does not lie in pieces: manifests, ledger, keys, leases. Small, and copied
/// whole. Thread-safe.
///
/// One node decides what exists: an object is created there first, and if that succeeds, copied to
/// the others. Readers take any copy that is whole. What `control/` holds lives on that node alone:
/// leases are worth nothing when they are old.
final class MetadataCopies {
  private static final String TRANSIENT = "control/";

  private final Node commitNode;
  private final List<Node> nodes;
  private final ExecutorService executor;
  private final WriteReport report;
  private final Map<String, ByteBuffer> recent =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ByteBuffer> eldest) {
          return size() > 8;
        }
      };

  /// @param nodes that have copies, the one that decides first
  MetadataCopies(List<Node> nodes, ExecutorService executor, WriteReport report) {
    this.commitNode = nodes.getFirst();
    this.nodes = List.copyOf(nodes);
    this.executor = executor;
    this.report = report;
  }

  /// Whether an object of a node is one of those that have copies.
  static boolean copied(String key) {
    return !key.startsWith(TRANSIENT)
        && !PlacedStore.ofNodes(key)
        && PieceName.parse(key).isEmpty();
  }

  /// @throws ReadOnlyStoreException if the node that decides is away
  boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
    requireCommitNode();
    if (!key.startsWith(TRANSIENT) && existsElsewhere(key)) {
      return false;
    }
    if (!commitNode.call(store -> store.createIfAbsent(key, content))) {
      return false;
    }
    copy(key, content);
    return true;
  }

  /// @throws ReadOnlyStoreException if the node that decides is away
  void put(String key, ByteBuffer content) throws IOException {
    requireCommitNode();
    commitNode.call(store -> {
      store.put(key, content);
      return true;
    });
    copy(key, content);
  }

  private void requireCommitNode() throws ReadOnlyStoreException {
    if (commitNode.away().isPresent()) {
      throw new ReadOnlyStoreException(
          "node %s, which decides what is committed (%s); 'nodes promote ID' makes another one decide"
              .formatted(commitNode.id(), commitNode.away().get()),
          null);
    }
  }

  /// A node that decides and was set back would create anew what the others still have.
  private boolean existsElsewhere(String key) {
    return askOthers(store -> store.size(key).isPresent()).contains(true);
  }

  /// What the other nodes answer, in their order; false where one fails.
  private List<Boolean> askOthers(Node.Call<Boolean> question) {
    return Together.run(
        others(),
        executor,
        node -> {
          try {
            return node.call(question);
          } catch (IOException e) {
            return false;
          }
        });
  }

  private void copy(String key, ByteBuffer content) {
    synchronized (recent) {
      recent.remove(key);
    }
    if (key.startsWith(TRANSIENT)) {
      return;
    }
    List<Node> without = new ArrayList<>();
    List<Boolean> written =
        askOthers(store -> {
          store.put(key, content);
          return true;
        });
    for (int i = 0; i < written.size(); i++) {
      if (!written.get(i)) {
        without.add(others().get(i));
      }
    }
    report.written(without.stream().map(Node::id).toList());
  }

  private List<Node> others() {
    return nodes.subList(1, nodes.size());
  }

  /// A whole object, from the first node whose copy is whole.
  ///
  /// @throws NoSuchObjectException if no node that answers has it
  ByteBuffer read(String key) throws IOException {
    synchronized (recent) {
      ByteBuffer known = recent.get(key);
      if (known != null) {
        return known.duplicate();
      }
    }
    @Nullable IOException failure = null;
    @Nullable ByteBuffer damaged = null;
    for (Node node : key.startsWith(TRANSIENT) ? List.of(commitNode) : nodes) {
      try {
        ByteBuffer bytes = node.ask(store -> store.read(key));
        if (Wholeness.of(key, bytes)) {
          remember(key, bytes);
          return bytes.duplicate();
        }
        damaged = bytes;
      } catch (NoSuchObjectException e) {
        // Perhaps another has it.
      } catch (IOException e) {
        failure = e;
      }
    }
    if (damaged != null) {
      return damaged; // Whoever asked finds out what is wrong with it.
    }
    throw failure != null ? failure : new NoSuchObjectException(key);
  }

  private void remember(String key, ByteBuffer bytes) {
    if (!key.startsWith(TRANSIENT)) {
      synchronized (recent) {
        recent.put(key, bytes);
      }
    }
  }

  /// Whether any node that answers has it, and how long it is there.
  OptionalLong size(String key) throws IOException {
    try {
      return OptionalLong.of(read(key).remaining());
    } catch (NoSuchObjectException e) {
      return OptionalLong.empty();
    }
  }

  void delete(String key) throws IOException {
    synchronized (recent) {
      recent.remove(key);
    }
    requireCommitNode();
    for (Node node : key.startsWith(TRANSIENT) ? List.of(commitNode) : nodes) {
      if (node.away().isEmpty()) {
        node.call(store -> {
          store.delete(key);
          return true;
        });
      }
    }
  }

  /// What any node that answers has, sorted.
  ///
  /// @throws IOException if none answers
  List<ObjectInfo> list(String directory) throws IOException {
    TreeMap<String, ObjectInfo> found = new TreeMap<>();
    @Nullable IOException failure = null;
    boolean answered = false;
    for (Node node : nodes) {
      try {
        for (ObjectInfo object : node.ask(store -> store.list(directory))) {
          if (PieceName.parse(object.key()).isEmpty()) {
            found.putIfAbsent(object.key(), object);
          }
        }
        answered = true;
      } catch (NoSuchObjectException e) {
        // It was wiped.
      } catch (IOException e) {
        failure = e;
      }
    }
    if (!answered && failure != null) {
      throw failure;
    }
    return List.copyOf(found.values());
  }
}
