package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/// Makes one piece of an object anew: from the same piece on another node, or from whatever pieces
/// are left. Needs no key.
final class PieceMaker {
  private final String nodeSet;
  private final LongConsumer pace;

  /// @param pace is told how many bytes come next, and may wait
  PieceMaker(String nodeSet, LongConsumer pace) {
    this.nodeSet = nodeSet;
    this.pace = pace;
  }

  /// What was to be made a piece of can't be read: no fault of the node that was to have it.
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /// A piece that is being written to a node.
  private final class Target implements AutoCloseable {
    private final Node node;
    private final PieceName piece;
    private final ObjectUpload upload;

    Target(Node node, PieceName piece) throws IOException {
      this.node = node;
      this.piece = piece;
      this.upload = node.call(store -> store.upload(piece.key()));
    }

    void write(ByteBuffer bytes) throws IOException {
      node.call(_ -> {
        upload.write(bytes);
        return true;
      });
    }

    /// Makes it count. One that is there under its name stays if it is whole and of the same
    /// upload.
    ///
    /// @param replace whether what is there is known to be damaged: it goes right before
    /// @return whether it was written
    boolean commit(long id, boolean replace) throws IOException {
      return node.call(store -> {
        if (replace) {
          store.delete(piece.key());
        }
        if (upload.commit()) {
          return true;
        }
        if (StoredPiece.open(store, piece, nodeSet).upload() != id) {
          throw new IOException("a piece of another upload is there");
        }
        return false;
      });
    }

    @Override
    public void close() {
      try {
        upload.close();
      } catch (IOException e) {
        // It was committed, or its store cleans up what is left.
      }
    }
  }

  /// Computes `piece` from others and writes it to `node`.
  ///
  /// @param object the whole of which it is a piece
  /// @param replace whether what is there under its name is damaged
  /// @return bytes written; 0 if a writer has put it there meanwhile
  /// @throws Unreadable if too few pieces are left
  /// @throws IOException if the node fails
  long make(PiecedObject object, PieceName piece, ErasureCode code, Node node, boolean replace)
      throws IOException, Unreadable {
    PieceLayout layout = new PieceLayout(piece.data(), object.length());
    ByteBuffer header = PieceFormat.header(piece, nodeSet, object.upload());
    Units units = new Units(layout, header, piece, code);
    long range = PieceLayout.UNITS_AT_ONCE * layout.stripeBytes();
    // Whole stripes: what the object's last one is short of is zeros.
    ByteBuffer read =
        ByteBuffer.allocateDirect((int) Math.min(range, layout.stripes() * layout.stripeBytes()));
    try (Target target = new Target(node, piece)) {
      target.write(header.duplicate());
      for (long offset = 0; offset < object.length(); offset += range) {
        int bytes = (int) Math.min(range, object.length() - offset);
        pace.accept(bytes);
        read(object, offset, read.clear().limit(bytes));
        target.write(units.of(offset / layout.stripeBytes(), padded(layout, read)));
      }
      target.write(PieceFormat.trailer(header, object.length()));
      return target.commit(object.upload(), replace) ? layout.pieceBytes() : 0;
    }
  }

  private static ByteBuffer padded(PieceLayout layout, ByteBuffer read) {
    int end =
        Math.toIntExact(Math.ceilDiv(read.position(), layout.stripeBytes()) * layout.stripeBytes());
    read.limit(end);
    while (read.hasRemaining()) {
      read.put((byte) 0);
    }
    return read.flip();
  }

  private static void read(PiecedObject object, long offset, ByteBuffer into) throws Unreadable {
    try {
      object.read(offset, into);
    } catch (IOException e) {
      throw new Unreadable(e);
    }
  }

  /// Copies `piece` from one node to another, and reads it back there.
  ///
  /// @return bytes written; 0 if a writer has put it there meanwhile
  /// @throws Unreadable if it can't be read where it is
  /// @throws IOException if the node that is to have it fails
  long copy(PieceName piece, Node from, Node to, boolean replace) throws IOException, Unreadable {
    StoredPiece.Opened opened;
    boolean written;
    try (Target target = new Target(to, piece)) {
      try {
        opened =
            PieceCheck.read(
                from,
                piece,
                nodeSet,
                pace,
                bytes -> {
                  try {
                    target.write(bytes);
                  } catch (IOException e) {
                    throw new TargetFailed(e);
                  }
                });
      } catch (TargetFailed e) {
        throw e.failure;
      } catch (IOException e) {
        throw new Unreadable(e);
      }
      target.write(PieceFormat.trailer(opened.header(), opened.layout().objectBytes()));
      written = target.commit(opened.upload(), replace);
    }
    PieceCheck.read(to, piece, nodeSet, _ -> {}, _ -> {});
    return written ? opened.layout().pieceBytes() : 0;
  }

  /// Tells the failure of the node that is written to from that of the one that is read.
  private static final class TargetFailed extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient IOException failure;

    TargetFailed(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  /// Makes the units of one piece, each with its checksum behind it.
  private static final class Units {
    private final PieceLayout layout;
    private final ByteBuffer header;
    private final PieceName piece;
    private final ErasureCode code;
    private final ByteBuffer parity;

    Units(PieceLayout layout, ByteBuffer header, PieceName piece, ErasureCode code) {
      this.layout = layout;
      this.header = header;
      this.piece = piece;
      this.code = code;
      this.parity = ByteBuffer.allocateDirect(piece.parity() * PieceFormat.UNIT_BYTES);
    }

    /// @param content stripes from number `first` on, each with room for a whole one
    ByteBuffer of(long first, ByteBuffer content) {
      int stripeBytes = Math.toIntExact(layout.stripeBytes());
      int stripes = content.limit() / stripeBytes;
      ByteBuffer units =
          ByteBuffer.allocateDirect(stripes * (PieceFormat.UNIT_BYTES + PieceFormat.CRC_BYTES));
      for (int i = 0; i < stripes; i++) {
        ByteBuffer unit =
            unit(content.slice(i * stripeBytes, stripeBytes), layout.unitBytes(first + i));
        units.put(unit.duplicate()).putInt(PieceFormat.unitCrc(header, first + i, unit));
      }
      return units.flip();
    }

    private ByteBuffer unit(ByteBuffer stripe, int length) {
      if (piece.index() < piece.data()) {
        return stripe.slice(piece.index() * length, length);
      }
      ByteBuffer[] from = new ByteBuffer[piece.data()];
      ByteBuffer[] into = new ByteBuffer[piece.parity()];
      for (int i = 0; i < from.length; i++) {
        from[i] = stripe.slice(i * length, length);
      }
      for (int i = 0; i < into.length; i++) {
        into[i] = parity.slice(i * length, length);
      }
      code.encode(from, into);
      return into[piece.index() - piece.data()];
    }
  }
}
