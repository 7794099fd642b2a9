package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Where a piece is read from: the node that should have it, or another that does. Thread-safe.
final class PieceSource {
  private final PieceName piece;
  private final ByteBuffer header;
  private final List<Node> candidates;
  private final ReadReport report;
  // Of the candidates, the one that had it last.
  private volatile int chosen;

  /// @param candidates nodes that may have it, the likeliest first
  PieceSource(PieceName piece, String nodeSet, List<Node> candidates, ReadReport report) {
    this.piece = piece;
    this.header = PieceFormat.header(piece, nodeSet).asReadOnlyBuffer();
    this.candidates = List.copyOf(candidates);
    this.report = report;
  }

  int index() {
    return piece.index();
  }

  /// Whether reading it is likely to be quick: a data piece on a near node that answers in time.
  int cost() {
    Node node = candidates.get(chosen);
    return (node.away().isPresent() ? 8 : 0)
        + (node.slow() ? 4 : 0)
        + (node.description().tier() == StorageNode.Tier.REMOTE ? 2 : 0)
        + (piece.index() >= piece.data() ? 1 : 0);
  }

  /// The node that it is read from now.
  Node node() {
    return candidates.get(chosen);
  }

  /// Length of the object that it is a piece of; empty if no candidate has it.
  ///
  /// @throws IOException if all that might have it fail, or what they have is damaged
  OptionalLong objectBytes() throws IOException {
    @Nullable IOException failure = null;
    for (int i = 0; i < candidates.size(); i++) {
      int candidate = i;
      try {
        OptionalLong bytes = candidates.get(i).ask(this::objectBytes);
        if (bytes.isPresent()) {
          chosen = candidate;
          return bytes;
        }
      } catch (PieceDamage e) {
        report.damaged(candidates.get(i), piece);
        failure = e;
      } catch (NoSuchObjectException e) {
        // It went meanwhile.
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return OptionalLong.empty();
  }

  /// Its units of some stripes, each proven by its checksum, which stays behind it.
  ///
  /// @throws IOException if no candidate has them
  ByteBuffer units(PieceLayout layout, long firstStripe, long lastStripe) throws IOException {
    IOException failure = new NoSuchObjectException(piece.key());
    int start = chosen;
    for (int i = 0; i < candidates.size(); i++) {
      int candidate = (start + i) % candidates.size();
      Node node = candidates.get(candidate);
      try {
        ByteBuffer units = node.ask(store -> stored(store).units(layout, firstStripe, lastStripe));
        chosen = candidate;
        report.read(node, units.remaining());
        return units;
      } catch (PieceDamage e) {
        report.damaged(node, piece);
        failure = e;
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  private OptionalLong objectBytes(ObjectStore store) throws IOException {
    OptionalLong size = store.size(piece.key());
    return size.isEmpty()
        ? size
        : OptionalLong.of(stored(store).layout(size.getAsLong()).objectBytes());
  }

  private StoredPiece stored(ObjectStore store) {
    return new StoredPiece(store, piece, header);
  }
}
