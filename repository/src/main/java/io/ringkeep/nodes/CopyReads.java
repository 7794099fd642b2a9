package io.ringkeep.nodes;

import io.ringkeep.store.NoSuchObjectException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Reads what does not lie in pieces from whichever copy is whole. Thread-safe.
final class CopyReads {
  private final List<Node> nodes;
  private final RecentObjects recent = new RecentObjects();

  /// @param nodes that have copies, the one that decides first
  CopyReads(List<Node> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /// Reads the object anew next time.
  void forget(String key) {
    recent.remove(key);
  }

  /// A whole object, from the first node whose copy is whole.
  ///
  /// @throws NoSuchObjectException if no node that answers has it
  ByteBuffer read(String key) throws IOException {
    @Nullable ByteBuffer known = recent.get(key);
    if (known != null) {
      return known.duplicate();
    }
    @Nullable IOException failure = null;
    @Nullable ByteBuffer damaged = null;
    int none = 0;
    for (Node node :
        MetadataKeys.fleeting(key) && !MetadataKeys.heartbeat(key) ? nodes.subList(0, 1) : nodes) {
      try {
        ByteBuffer bytes = node.ask(store -> store.read(key));
        if (Wholeness.of(key, bytes)) {
          remember(key, bytes);
          return bytes.duplicate();
        }
        damaged = bytes;
      } catch (NoSuchObjectException e) {
        none += node.wiped() ? 0 : 1; // Perhaps another has it.
      } catch (IOException e) {
        failure = e;
      }
    }
    if (damaged != null) {
      return damaged; // Whoever asked finds out what is wrong with it.
    }
    // What counts is on a majority: another majority can't all lack it.
    throw failure != null && none <= nodes.size() / 2 ? failure : new NoSuchObjectException(key);
  }

  private void remember(String key, ByteBuffer bytes) {
    if (MetadataKeys.inChain(key) || key.startsWith("caches/")) {
      recent.put(key, bytes);
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
}
