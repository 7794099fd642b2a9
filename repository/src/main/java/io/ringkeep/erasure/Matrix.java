package io.ringkeep.erasure;

/// Matrices over GF(2^8) as bytes, row by row.
final class Matrix {
  private Matrix() {}

  /// The parity rows of the code: in row r and column c the inverse of `(columns + r) xor c`, a
  /// Cauchy matrix. Under rows of the unit matrix, any `columns` rows of the whole are independent.
  ///
  /// Source: `gf_gen_cauchy1_matrix` in `ec_base.c` of ISA-L 2.30, whose lower rows are these; J.
  /// Blömer and others, "An XOR-based erasure-resilient coding scheme", 1995.
  ///
  /// @param rows with `columns` at most 256 in sum
  static byte[] cauchy(int rows, int columns) {
    byte[] matrix = new byte[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        matrix[r * columns + c] = (byte) GaloisField.invert((columns + r) ^ c);
      }
    }
    return matrix;
  }

  /// The product of `left`, of `n` columns, and `right`, of `n` rows and columns.
  static byte[] multiply(byte[] left, byte[] right, int n) {
    byte[] product = new byte[left.length];
    for (int i = 0; i < left.length; i++) {
      int row = i - i % n;
      int sum = 0;
      for (int k = 0; k < n; k++) {
        sum ^= GaloisField.multiply(left[row + k] & 0xff, right[k * n + i % n] & 0xff);
      }
      product[i] = (byte) sum;
    }
    return product;
  }

  /// The inverse of a matrix of `n` rows and columns, by Gauss and Jordan. Cost: n³ products.
  ///
  /// @throws ArithmeticException if it has none
  static byte[] invert(byte[] matrix, int n) {
    byte[] rest = matrix.clone();
    byte[] inverse = new byte[n * n];
    for (int i = 0; i < n; i++) {
      inverse[i * n + i] = 1;
    }
    for (int column = 0; column < n; column++) {
      int pivot = pivot(rest, n, column);
      swapRows(rest, n, pivot, column);
      swapRows(inverse, n, pivot, column);
      int scale = GaloisField.invert(rest[column * n + column] & 0xff);
      scaleRow(rest, n, column, scale);
      scaleRow(inverse, n, column, scale);
      for (int row = 0; row < n; row++) {
        int factor = rest[row * n + column] & 0xff;
        if (row != column && factor != 0) {
          addRow(rest, n, column, row, factor);
          addRow(inverse, n, column, row, factor);
        }
      }
    }
    return inverse;
  }

  private static int pivot(byte[] matrix, int n, int column) {
    for (int row = column; row < n; row++) {
      if (matrix[row * n + column] != 0) {
        return row;
      }
    }
    throw new ArithmeticException("matrix has no inverse");
  }

  private static void swapRows(byte[] matrix, int n, int a, int b) {
    for (int c = 0; c < n; c++) {
      byte kept = matrix[a * n + c];
      matrix[a * n + c] = matrix[b * n + c];
      matrix[b * n + c] = kept;
    }
  }

  private static void scaleRow(byte[] matrix, int n, int row, int factor) {
    for (int i = row * n; i < (row + 1) * n; i++) {
      matrix[i] = (byte) GaloisField.multiply(factor, matrix[i] & 0xff);
    }
  }

  private static void addRow(byte[] matrix, int n, int from, int to, int factor) {
    for (int c = 0; c < n; c++) {
      matrix[to * n + c] ^= (byte) GaloisField.multiply(factor, matrix[from * n + c] & 0xff);
    }
  }
}
