package io.ringkeep.nodes;

import io.ringkeep.store.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads a piece from one end to the other and compares every checksum. Needs no key.
final class PieceCheck {
  private static final int UNITS_AT_ONCE = 16;

  private PieceCheck() {}

  /// @return bytes read
  /// @throws PieceDamage if any of it is not what was written
  static long read(ObjectStore store, PieceName piece, String nodeSet) throws IOException {
    long size = store.size(piece.key()).orElseThrow(() -> new PieceDamage("is missing"));
    if (size < PieceFormat.HEADER_BYTES + PieceFormat.TRAILER_BYTES) {
      throw new PieceDamage("is truncated");
    }
    try {
      ByteBuffer expected = PieceFormat.header(piece, nodeSet);
      ByteBuffer header = ByteBuffer.allocate(PieceFormat.HEADER_BYTES);
      store.read(piece.key(), 0, header);
      PieceFormat.check(header.flip(), expected.duplicate(), piece);
      ByteBuffer trailer = ByteBuffer.allocate(PieceFormat.TRAILER_BYTES);
      store.read(piece.key(), size - PieceFormat.TRAILER_BYTES, trailer);
      long objectBytes = PieceFormat.objectBytes(expected, trailer.flip());
      PieceLayout layout = new PieceLayout(piece.data(), objectBytes);
      if (layout.pieceBytes() != size) {
        throw new PieceDamage("length is wrong");
      }
      checkUnits(store, piece, expected, layout);
      return size;
    } catch (EOFException e) {
      throw new PieceDamage("is truncated");
    }
  }

  private static void checkUnits(
      ObjectStore store, PieceName piece, ByteBuffer header, PieceLayout layout)
      throws IOException {
    long stripes = layout.stripes();
    for (long first = 0; first < stripes; first += UNITS_AT_ONCE) {
      long last = Math.min(first + UNITS_AT_ONCE, stripes) - 1;
      long start = PieceLayout.unitOffset(first);
      long end = PieceLayout.unitOffset(last) + layout.unitBytes(last) + PieceFormat.CRC_BYTES;
      ByteBuffer units = ByteBuffer.allocateDirect((int) (end - start));
      store.read(piece.key(), start, units);
      for (long stripe = first; stripe <= last; stripe++) {
        int at = (int) (PieceLayout.unitOffset(stripe) - start);
        int length = layout.unitBytes(stripe);
        if (PieceFormat.unitCrc(header, stripe, units.slice(at, length))
            != units.getInt(at + length)) {
          throw new PieceDamage("unit %d is damaged".formatted(stripe));
        }
      }
    }
  }
}
