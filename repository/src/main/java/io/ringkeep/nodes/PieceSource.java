package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.store.NoSuchObjectException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a piece is read from: the node that should have it, or another that does. Thread-safe.
final class PieceSource {
  private final PieceName piece;
  private final String nodeSet;
  private final List<Node> candidates;
  private final ReadReport report;
  // Of the candidates, the one that had it last.
  private volatile int chosen;
  private volatile boolean nowhere;
  private volatile @Nullable Node counted;

  /// @param candidates nodes that may have it, the likeliest first
  PieceSource(PieceName piece, String nodeSet, List<Node> candidates, ReadReport report) {
    this.piece = piece;
    this.nodeSet = nodeSet;
    this.candidates = List.copyOf(candidates);
    this.report = report;
  }

  int index() {
    return piece.index();
  }

  PieceName piece() {
    return piece;
  }

  /// Whether reading it is likely to be quick: a data piece on a near node that answers in time.
  int cost() {
    Node node = candidates.get(chosen);
    return (nowhere ? 16 : 0)
        + (node.away().isPresent() ? 8 : 0)
        + (node.slow() ? 4 : 0)
        + (node.description().tier() == StorageNode.Tier.REMOTE ? 2 : 0)
        + (piece.index() >= piece.data() ? 1 : 0);
  }

  /// The node that it is read from now.
  Node node() {
    return candidates.get(chosen);
  }

  /// What it says of its object; empty if no candidate has it.
  ///
  /// @throws IOException if all that might have it fail, or what they have is damaged
  Optional<StoredPiece.Opened> open() throws IOException {
    @Nullable IOException failure = null;
    for (int i = 0; i < candidates.size(); i++) {
      int candidate = i;
      try {
        StoredPiece.Opened opened =
            candidates.get(i).ask(store -> StoredPiece.open(store, piece, nodeSet));
        chosen = candidate;
        return Optional.of(opened);
      } catch (PieceDamage e) {
        report.damaged(candidates.get(i), piece);
        failure = e;
      } catch (NoSuchObjectException e) {
        // Perhaps another has it.
      } catch (IOException e) {
        failure = NodeAway.least(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return Optional.empty();
  }

  /// Its units of some stripes, each proven by its checksum, which stays behind it.
  ///
  /// @param header what its header is
  /// @throws IOException if no candidate has them
  ByteBuffer units(ByteBuffer header, PieceLayout layout, long firstStripe, long lastStripe)
      throws IOException {
    @Nullable IOException failure = null;
    int start = chosen;
    for (int i = 0; i < candidates.size(); i++) {
      int candidate = (start + i) % candidates.size();
      Node node = candidates.get(candidate);
      try {
        ByteBuffer units =
            node.ask(store ->
                new StoredPiece(store, piece, header).units(layout, firstStripe, lastStripe));
        chosen = candidate;
        boolean another = counted != node;
        counted = node;
        report.read(node, another, units.remaining());
        return units;
      } catch (PieceDamage e) {
        report.damaged(node, piece);
        failure = e;
      } catch (NoSuchObjectException e) {
        // Perhaps another has it.
      } catch (IOException e) {
        failure = e;
      }
    }
    nowhere = true;
    throw failure != null ? failure : new NoSuchObjectException(piece.key());
  }
}
