package io.ringkeep.erasure;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// How one set of missing pieces is computed from those that are present.
final class Rebuild {
  private final boolean[] present;
  private final int[] sources;
  private final int[] targets;
  private final byte[] matrix;

  private Rebuild(boolean[] present, int[] sources, int[] targets, byte[] matrix) {
    this.present = present;
    this.sources = sources;
    this.targets = targets;
    this.matrix = matrix;
  }

  /// From the first `columns` pieces that are present, those for which there is a buffer. Cost:
  /// `columns`³ products.
  ///
  /// @param parityRows of `columns` columns, one row a parity piece
  /// @throws IllegalArgumentException if too few are present, or a wanted one is
  static Rebuild of(
      byte[] parityRows, int columns, @Nullable ByteBuffer[] pieces, @Nullable ByteBuffer[] into) {
    boolean[] present = new boolean[pieces.length];
    int[] sources = new int[pieces.length];
    int[] targets = new int[pieces.length];
    int sourceCount = 0;
    int targetCount = 0;
    for (int i = 0; i < pieces.length; i++) {
      present[i] = pieces[i] != null;
      if (present[i] && into[i] != null) {
        throw new IllegalArgumentException("piece to rebuild is present: index=" + i);
      }
      if (present[i]) {
        sources[sourceCount++] = i;
      } else if (into[i] != null) {
        targets[targetCount++] = i;
      }
    }
    if (sourceCount < columns) {
      throw new IllegalArgumentException(
          "too few pieces to rebuild from: present=%d needed=%d".formatted(sourceCount, columns));
    }
    int[] read = Arrays.copyOf(sources, columns);
    int[] computed = Arrays.copyOf(targets, targetCount);
    byte[] dataFromSources = Matrix.invert(rows(parityRows, columns, read), columns);
    byte[] matrix = Matrix.multiply(rows(parityRows, columns, computed), dataFromSources, columns);
    return new Rebuild(present, read, computed, matrix);
  }

  /// Whether it is the one for these pieces and these buffers.
  boolean fits(@Nullable ByteBuffer[] pieces, @Nullable ByteBuffer[] into) {
    int target = 0;
    for (int i = 0; i < pieces.length; i++) {
      boolean computed = target < targets.length && targets[target] == i;
      if ((pieces[i] != null) != present[i] || (into[i] != null) != computed) {
        return false;
      }
      target += computed ? 1 : 0;
    }
    return true;
  }

  /// The pieces that are read, ascending. Not a copy, nor are the others.
  int[] sources() {
    return sources;
  }

  /// The pieces that are computed, ascending.
  int[] targets() {
    return targets;
  }

  /// A row for each target, a column for each source.
  byte[] matrix() {
    return matrix;
  }

  /// Some rows of the code's matrix: the unit matrix with the parity rows under it.
  private static byte[] rows(byte[] parityRows, int columns, int[] indices) {
    byte[] rows = new byte[indices.length * columns];
    for (int i = 0; i < indices.length; i++) {
      int index = indices[i];
      if (index < columns) {
        rows[i * columns + index] = 1;
      } else {
        System.arraycopy(parityRows, (index - columns) * columns, rows, i * columns, columns);
      }
    }
    return rows;
  }
}
