package io.ringkeep.nodes;

import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/// A piece as it lies on a node: the only place where one is read, so that nothing of it is
/// believed before its checksum was compared.
///
/// @param store of the node
/// @param header what its header is
record StoredPiece(ObjectStore store, PieceName piece, ByteBuffer header) {

  /// What a piece says of the object that it is part of.
  ///
  /// @param upload that wrote it
  /// @param header of the piece
  record Opened(long upload, PieceLayout layout, ByteBuffer header) {}

  /// Reads the header and the end of a piece.
  ///
  /// @throws NoSuchObjectException if it is not there
  /// @throws PieceDamage if they are not what was written, or do not fit its length
  static Opened open(ObjectStore store, PieceName piece, String nodeSet) throws IOException {
    OptionalLong size = store.size(piece.key());
    if (size.isEmpty()) {
      throw new NoSuchObjectException(piece.key());
    }
    if (size.getAsLong() < PieceFormat.HEADER_BYTES + PieceFormat.TRAILER_BYTES) {
      throw new PieceDamage("is truncated");
    }
    try {
      ByteBuffer header = ByteBuffer.allocate(PieceFormat.HEADER_BYTES);
      store.read(piece.key(), 0, header);
      long upload = PieceFormat.upload(header.flip(), piece, nodeSet);
      ByteBuffer trailer = ByteBuffer.allocate(PieceFormat.TRAILER_BYTES);
      store.read(piece.key(), size.getAsLong() - PieceFormat.TRAILER_BYTES, trailer);
      PieceLayout layout =
          new PieceLayout(piece.data(), PieceFormat.objectBytes(header, trailer.flip()));
      if (layout.pieceBytes() != size.getAsLong()) {
        throw new PieceDamage("length is wrong");
      }
      return new Opened(upload, layout, header);
    } catch (EOFException e) {
      throw new PieceDamage("is truncated");
    }
  }

  /// Reads its units of the stripes from `first` to `last`; each keeps its checksum behind it.
  ///
  /// @return a direct buffer of its own, from 0 to its limit
  /// @throws PieceDamage if one of them is not what was written
  ByteBuffer units(PieceLayout layout, long first, long last) throws IOException {
    long start = PieceLayout.unitOffset(first);
    long end = PieceLayout.unitOffset(last) + layout.unitBytes(last) + PieceFormat.CRC_BYTES;
    ByteBuffer units = ByteBuffer.allocateDirect(Math.toIntExact(end - start));
    try {
      store.read(piece.key(), start, units);
    } catch (EOFException e) {
      throw new PieceDamage("is truncated");
    }
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
