package io.ringkeep.erasure;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A systematic Reed–Solomon code of K data and M parity pieces: pieces 0 to K − 1 are the content
/// itself, pieces K to K + M − 1 are computed, and any K of them give all others.
///
/// FORMAT: `docs/format/erasure.md`. A code finds nothing out about damage: pieces carry checksums
/// of their own, and one that fails is treated as missing.
///
/// Buffers are direct. What lies between position and limit is the piece; both stay. Thread-safe; a
/// call allocates a few headers and nothing that grows with the pieces.
public final class ErasureCode {
  /// The most pieces a code can have, K + M.
  public static final int MOST_PIECES = 255;

  /*
   * Both directions are one multiplication of pieces by a matrix. To encode, it is the parity rows. To rebuild, K
   * present rows of unit matrix and parity rows are inverted: that gives data from what is present; for a missing
   * parity piece its row is multiplied by the inverse. Repairs lose the same pieces many times in a row, so the last
   * matrix is kept.
   */
  private final int dataPieces;
  private final int parityPieces;
  private final byte[] parityRows;
  private final @Nullable Kernel kernel;

  /// The newest one; whoever computes it writes it, and a lost one costs time only.
  private volatile @Nullable Rebuild lastRebuild;

  private ErasureCode(int dataPieces, int parityPieces, @Nullable Kernel kernel) {
    if (dataPieces < 1 || parityPieces < 1 || dataPieces > MOST_PIECES - parityPieces) {
      throw new IllegalArgumentException(
          "no such erasure code: data=%d parity=%d, each at least 1, in sum at most %d"
              .formatted(dataPieces, parityPieces, MOST_PIECES));
    }
    this.dataPieces = dataPieces;
    this.parityPieces = parityPieces;
    this.parityRows = Matrix.cauchy(parityPieces, dataPieces);
    this.kernel = kernel;
  }

  /// A code that uses whichever kernel has shown to be the fastest so far.
  ///
  /// @throws IllegalArgumentException if one of them is below 1 or their sum above [#MOST_PIECES]
  public static ErasureCode of(int dataPieces, int parityPieces) {
    return new ErasureCode(dataPieces, parityPieces, null);
  }

  /// A code that uses one kernel: for measurements and tests.
  public static ErasureCode of(int dataPieces, int parityPieces, Kernel kernel) {
    return new ErasureCode(dataPieces, parityPieces, kernel);
  }

  /// K: the number of pieces that are needed to give all back.
  public int dataPieces() {
    return dataPieces;
  }

  /// M: the number of pieces that may be lost.
  public int parityPieces() {
    return parityPieces;
  }

  /// K + M.
  public int pieces() {
    return dataPieces + parityPieces;
  }

  /// The size of each piece of a content: a K-th of it, rounded up. The last data pieces end in
  /// zeros that don't belong to the content.
  public long pieceBytes(long contentBytes) {
    return Math.ceilDiv(contentBytes, dataPieces);
  }

  /// Computes the parity pieces.
  ///
  /// @param data K buffers with equally much remaining, also 0 bytes
  /// @param parity M buffers with as much remaining, to be overwritten; they share no byte with
  ///   `data` or with each other
  /// @throws IllegalArgumentException if numbers, sizes or kinds of the buffers are others
  public void encode(ByteBuffer[] data, ByteBuffer[] parity) {
    checkCount("data", data, dataPieces);
    checkCount("parity", parity, parityPieces);
    for (int i = 0; i < dataPieces; i++) {
      checkPiece("data", i, data[i], data[0]);
    }
    for (int i = 0; i < parityPieces; i++) {
      checkPiece("parity", i, parity[i], data[0]);
      checkWritable("parity", i, parity[i]);
    }
    multiply(parityRows, data, parity);
  }

  /// Computes missing pieces, data or parity, from any K.
  ///
  /// @param pieces K + M entries by index: a buffer where the piece is present and known to be
  ///   whole, null where not. Of more than K the first K are read.
  /// @param into K + M entries by index: a buffer to overwrite where a missing piece is wanted,
  ///   null elsewhere; all buffers have equally much remaining and share no byte
  /// @throws IllegalArgumentException if fewer than K pieces are present, a wanted one is present,
  ///   or numbers, sizes or kinds of the buffers are others
  public void rebuild(@Nullable ByteBuffer[] pieces, @Nullable ByteBuffer[] into) {
    checkCount("pieces", pieces, pieces());
    checkCount("into", into, pieces());
    Rebuild rebuild = lastRebuild;
    if (rebuild == null || !rebuild.fits(pieces, into)) {
      rebuild = Rebuild.of(parityRows, dataPieces, pieces, into);
      lastRebuild = rebuild;
    }
    ByteBuffer[] from = chosen(pieces, rebuild.sources());
    ByteBuffer[] to = chosen(into, rebuild.targets());
    for (int i = 0; i < from.length; i++) {
      checkPiece("pieces", rebuild.sources()[i], from[i], from[0]);
    }
    for (int i = 0; i < to.length; i++) {
      checkPiece("into", rebuild.targets()[i], to[i], from[0]);
      checkWritable("into", rebuild.targets()[i], to[i]);
    }
    if (to.length > 0) {
      multiply(rebuild.matrix(), from, to);
    }
  }

  private void multiply(byte[] matrix, ByteBuffer[] from, ByteBuffer[] to) {
    Kernel used = kernel != null ? kernel : Kernels.current();
    used.multiply(matrix, from, to);
  }

  private static ByteBuffer[] chosen(@Nullable ByteBuffer[] all, int[] indices) {
    ByteBuffer[] chosen = new ByteBuffer[indices.length];
    for (int i = 0; i < indices.length; i++) {
      chosen[i] = all[indices[i]];
    }
    return chosen;
  }

  private static void checkCount(String what, @Nullable ByteBuffer[] buffers, int expected) {
    if (buffers.length != expected) {
      throw new IllegalArgumentException(
          "wrong number of buffers: %s=%d expected=%d".formatted(what, buffers.length, expected));
    }
  }

  private static void checkPiece(
      String what, int index, @Nullable ByteBuffer piece, @Nullable ByteBuffer first) {
    if (piece == null || first == null) {
      throw new IllegalArgumentException("buffer is missing: %s[%d]".formatted(what, index));
    }
    if (!piece.isDirect()) {
      throw new IllegalArgumentException("buffer is not direct: %s[%d]".formatted(what, index));
    }
    if (piece.remaining() != first.remaining()) {
      throw new IllegalArgumentException(
          "buffers differ in size: %s[%d]=%d expected=%d"
              .formatted(what, index, piece.remaining(), first.remaining()));
    }
  }

  private static void checkWritable(String what, int index, ByteBuffer buffer) {
    if (buffer.isReadOnly()) {
      throw new IllegalArgumentException("buffer is read-only: %s[%d]".formatted(what, index));
    }
  }
}
