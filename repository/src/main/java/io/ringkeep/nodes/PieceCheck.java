package io.ringkeep.nodes;

import io.ringkeep.store.ObjectStore;
import java.io.EOFException;
import java.io.IOException;

/// Reads a piece from one end to the other and compares every checksum. Needs no key.
final class PieceCheck {
  private static final int UNITS_AT_ONCE = 16;

  private PieceCheck() {}

  /// @return bytes read
  /// @throws PieceDamage if any of it is not what was written
  static long read(ObjectStore store, PieceName piece, String nodeSet) throws IOException {
    long size = store.size(piece.key()).orElseThrow(() -> new PieceDamage("is missing"));
    StoredPiece stored = new StoredPiece(store, piece, PieceFormat.header(piece, nodeSet));
    try {
      PieceLayout layout = stored.layout(size);
      for (long first = 0; first < layout.stripes(); first += UNITS_AT_ONCE) {
        stored.units(layout, first, Math.min(first + UNITS_AT_ONCE, layout.stripes()) - 1);
      }
      return size;
    } catch (EOFException e) {
      throw new PieceDamage("is truncated");
    }
  }
}
