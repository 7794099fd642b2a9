package io.ringkeep.nodes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/// Reads a piece from one end to the other and compares every checksum. Needs no key.
final class PieceCheck {
  private PieceCheck() {}

  /// Takes the bytes of a piece as they were proven: header, units with their checksums.
  interface Sink {
    void accept(ByteBuffer bytes) throws IOException;
  }

  /// @param pace is told how many bytes come next, and may wait
  /// @param sink takes all bytes but those of the trailer, which follows from the layout
  /// @return what the piece says of its object
  /// @throws io.ringkeep.store.NoSuchObjectException if it is not there
  /// @throws PieceDamage if any of it is not what was written
  static StoredPiece.Opened read(
      Node node, PieceName piece, String nodeSet, LongConsumer pace, Sink sink) throws IOException {
    StoredPiece.Opened opened = node.call(store -> StoredPiece.open(store, piece, nodeSet));
    sink.accept(opened.header().duplicate());
    PieceLayout layout = opened.layout();
    for (long first = 0; first < layout.stripes(); first += PieceLayout.UNITS_AT_ONCE) {
      long last = Math.min(first + PieceLayout.UNITS_AT_ONCE, layout.stripes()) - 1;
      pace.accept(layout.unitBytes(first) * (last - first + 1));
      long start = first;
      sink.accept(
          node.call(
              store -> new StoredPiece(store, piece, opened.header()).units(layout, start, last)));
    }
    return opened;
  }
}
