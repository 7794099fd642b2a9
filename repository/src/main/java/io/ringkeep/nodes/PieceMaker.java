package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/// Makes one piece of an object anew from whatever pieces are left. Needs no key.
final class PieceMaker {
  private final String nodeSet;
  private final LongConsumer pace;

  /// @param pace is told how many bytes come next, and may wait
  PieceMaker(String nodeSet, LongConsumer pace) {
    this.nodeSet = nodeSet;
    this.pace = pace;
  }

  /// Writes `piece` to `node`. One that a writer has put there meanwhile stays.
  ///
  /// @param replace whether what is there under its name is damaged
  /// @param object the whole of which it is a piece
  /// @return bytes written
  long make(PiecedObject object, PieceName piece, ErasureCode code, Node node, boolean replace)
      throws IOException {
    return node.call(store -> {
      if (replace) {
        store.delete(piece.key());
      }
      try (ObjectUpload upload = store.upload(piece.key())) {
        long bytes = write(object, piece, code, upload);
        return upload.commit() ? bytes : 0;
      }
    });
  }

  private long write(PiecedObject object, PieceName piece, ErasureCode code, ObjectUpload upload)
      throws IOException {
    PieceLayout layout = new PieceLayout(piece.data(), object.length());
    ByteBuffer header = PieceFormat.header(piece, nodeSet);
    upload.write(header.duplicate());
    ByteBuffer data = ByteBuffer.allocateDirect((int) layout.stripeBytes());
    ByteBuffer parity = ByteBuffer.allocateDirect(piece.parity() * PieceFormat.UNIT_BYTES);
    for (long stripe = 0; stripe < layout.stripes(); stripe++) {
      int bytes = layout.bytesIn(stripe);
      int unit = layout.unitBytes(stripe);
      pace.accept(unit);
      object.read(stripe * layout.stripeBytes(), data.clear().limit(bytes));
      data.limit(unit * piece.data());
      while (data.hasRemaining()) {
        data.put((byte) 0);
      }
      ByteBuffer content = unit(data, parity, piece, unit, code);
      int crc = PieceFormat.unitCrc(header, stripe, content);
      upload.write(content);
      upload.write(ByteBuffer.allocate(PieceFormat.CRC_BYTES).putInt(0, crc));
    }
    upload.write(PieceFormat.trailer(header, object.length()));
    return layout.pieceBytes();
  }

  private static ByteBuffer unit(
      ByteBuffer data, ByteBuffer parity, PieceName piece, int unit, ErasureCode code) {
    if (piece.index() < piece.data()) {
      return data.slice(piece.index() * unit, unit);
    }
    ByteBuffer[] from = new ByteBuffer[piece.data()];
    ByteBuffer[] into = new ByteBuffer[piece.parity()];
    for (int i = 0; i < from.length; i++) {
      from[i] = data.slice(i * unit, unit);
    }
    for (int i = 0; i < into.length; i++) {
      into[i] = parity.slice(i * unit, unit);
    }
    code.encode(from, into);
    return into[piece.index() - piece.data()];
  }
}
