package io.ringkeep.erasure;

import java.nio.ByteBuffer;

/// The kernel that runs everywhere, and the one that others are checked against: one look into a
/// table of 256 products for each byte and coefficient.
final class ScalarKernel implements Kernel {
  /*
   * Blocks stay in the first-level cache while they are read once a row. Cost: some 0.17 ns for each byte and coefficient.
   */
  private static final int BLOCK_BYTES = 4096;

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public void multiply(byte[] matrix, ByteBuffer[] from, ByteBuffer[] to) {
    int bytes = to[0].remaining();
    for (int start = 0; start < bytes; start += BLOCK_BYTES) {
      multiply(matrix, from, to, start, Math.min(bytes, start + BLOCK_BYTES));
    }
  }

  /// The same for bytes `start`, inclusive, to `end`, exclusive, counted from the positions.
  static void multiply(byte[] matrix, ByteBuffer[] from, ByteBuffer[] to, int start, int end) {
    for (int r = 0; r < to.length; r++) {
      for (int c = 0; c < from.length; c++) {
        int coefficient = matrix[r * from.length + c] & 0xff;
        if (c == 0) {
          set(coefficient, from[c], to[r], start, end);
        } else if (coefficient != 0) {
          add(coefficient, from[c], to[r], start, end);
        }
      }
    }
  }

  private static void set(int coefficient, ByteBuffer from, ByteBuffer to, int start, int end) {
    byte[] products = GaloisField.productTable();
    int row = coefficient << 8;
    int read = from.position();
    int write = to.position();
    for (int i = start; i < end; i++) {
      to.put(write + i, products[row | (from.get(read + i) & 0xff)]);
    }
  }

  private static void add(int coefficient, ByteBuffer from, ByteBuffer to, int start, int end) {
    byte[] products = GaloisField.productTable();
    int row = coefficient << 8;
    int read = from.position();
    int write = to.position();
    for (int i = start; i < end; i++) {
      to.put(write + i, (byte) (to.get(write + i) ^ products[row | (from.get(read + i) & 0xff)]));
    }
  }
}
