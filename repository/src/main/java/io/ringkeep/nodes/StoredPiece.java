package io.ringkeep.nodes;

import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A piece as it lies on a node: the only place where one is read, so that nothing of it is
/// believed before its checksum was compared.
///
/// @param store of the node
/// @param header what its header must be
record StoredPiece(ObjectStore store, PieceName piece, ByteBuffer header) {

  /// Reads its header and its end, and finds out from them where its units lie.
  ///
  /// @param size its length in the store
  /// @throws PieceDamage if they are not what was written, or do not fit that length
  PieceLayout layout(long size) throws IOException {
    if (size < PieceFormat.HEADER_BYTES + PieceFormat.TRAILER_BYTES) {
      throw new PieceDamage("is truncated");
    }
    ByteBuffer head = ByteBuffer.allocate(PieceFormat.HEADER_BYTES);
    store.read(piece.key(), 0, head);
    PieceFormat.check(head.flip(), header.duplicate(), piece);
    ByteBuffer trailer = ByteBuffer.allocate(PieceFormat.TRAILER_BYTES);
    store.read(piece.key(), size - PieceFormat.TRAILER_BYTES, trailer);
    PieceLayout layout =
        new PieceLayout(piece.data(), PieceFormat.objectBytes(header, trailer.flip()));
    if (layout.pieceBytes() != size) {
      throw new PieceDamage("length is wrong");
    }
    return layout;
  }

  /// Reads its units of the stripes from `first` to `last`; each keeps its checksum behind it.
  ///
  /// @return a direct buffer of its own, from 0 to its limit
  /// @throws PieceDamage if one of them is not what was written
  ByteBuffer units(PieceLayout layout, long first, long last) throws IOException {
    long start = PieceLayout.unitOffset(first);
    long end = PieceLayout.unitOffset(last) + layout.unitBytes(last) + PieceFormat.CRC_BYTES;
    ByteBuffer units = ByteBuffer.allocateDirect(Math.toIntExact(end - start));
    store.read(piece.key(), start, units);
    units.flip();
    for (long stripe = first; stripe <= last; stripe++) {
      int at = (int) (PieceLayout.unitOffset(stripe) - start);
      int length = layout.unitBytes(stripe);
      int crc = PieceFormat.unitCrc(header, stripe, units.slice(at, length));
      if (crc != units.getInt(at + length)) {
        throw new PieceDamage("unit %d is damaged".formatted(stripe));
      }
    }
    return units;
  }
}
