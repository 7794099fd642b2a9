package io.ringkeep.erasure;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Buffers for tests. Each stands in the middle of a larger one, so that what is written beside it
/// shows.
final class Pieces {
  private static final int MARGIN = 7;
  private static final byte MARK = 0x5a;

  private Pieces() {}

  static Stream<Kernel> kernels() {
    return Stream.concat(Stream.of(Kernels.scalar()), Kernels.vector().stream());
  }

  static ByteBuffer empty(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes + 2 * MARGIN);
    while (buffer.hasRemaining()) {
      buffer.put(MARK);
    }
    return buffer.limit(bytes + MARGIN).position(MARGIN);
  }

  static ByteBuffer[] empty(int count, int bytes) {
    return Stream.generate(() -> empty(bytes)).limit(count).toArray(ByteBuffer[]::new);
  }

  static ByteBuffer of(byte[] bytes) {
    ByteBuffer buffer = empty(bytes.length);
    return buffer.put(buffer.position(), bytes);
  }

  static ByteBuffer[] random(int count, int bytes, Random random) {
    ByteBuffer[] pieces = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      byte[] content = new byte[bytes];
      random.nextBytes(content);
      pieces[i] = of(content);
    }
    return pieces;
  }

  /// Data pieces with their parity pieces behind them.
  static ByteBuffer[] coded(ErasureCode code, ByteBuffer[] data) {
    ByteBuffer[] parity = empty(code.parityPieces(), data[0].remaining());
    code.encode(data, parity);
    return Stream.of(data, parity).flatMap(Arrays::stream).toArray(ByteBuffer[]::new);
  }

  /// Those of the pieces whose bit is 0, by index.
  static @Nullable ByteBuffer[] without(ByteBuffer[] pieces, long lost) {
    @Nullable ByteBuffer[] present = pieces.clone();
    for (int i = 0; i < pieces.length; i++) {
      if ((lost >>> i & 1) != 0) {
        present[i] = null;
      }
    }
    return present;
  }

  /// Empty buffers where pieces are missing.
  static @Nullable ByteBuffer[] missing(@Nullable ByteBuffer[] present, int bytes) {
    @Nullable ByteBuffer[] into = new ByteBuffer[present.length];
    for (int i = 0; i < present.length; i++) {
      into[i] = present[i] == null ? empty(bytes) : null;
    }
    return into;
  }

  /// Whether position, limit and the bytes around them are those of a new buffer.
  static boolean untouchedAround(ByteBuffer piece, int bytes) {
    boolean untouched = piece.position() == MARGIN && piece.limit() == MARGIN + bytes;
    for (int i = 0; i < MARGIN; i++) {
      ByteBuffer whole = piece.duplicate().clear();
      untouched &= whole.get(i) == MARK && whole.get(MARGIN + bytes + i) == MARK;
    }
    return untouched;
  }

  static byte[] bytes(ByteBuffer piece) {
    byte[] bytes = new byte[piece.remaining()];
    piece.get(piece.position(), bytes);
    return bytes;
  }
}
