package io.ringkeep.erasure;

/// GF(2^8): bytes as polynomials over two elements, modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d), of
/// which x is a generator. A sum is an exclusive or.
///
/// Source: J. S. Plank, "A tutorial on Reed–Solomon coding for fault-tolerance in RAID-like
/// systems", 1997; RFC 5510, section 8.1, has the same polynomial. Elements are ints from 0 to 255.
final class GaloisField {
  static final int POLYNOMIAL = 0x11d;

  /// `a × b` at `(a << 8) | b`; 64 KiB.
  private static final byte[] PRODUCTS = products();

  private static final byte[] INVERSES = inverses();

  private GaloisField() {}

  static int multiply(int a, int b) {
    return PRODUCTS[(a << 8) | b] & 0xff;
  }

  /// The element whose product with `a` is 1.
  ///
  /// @param a not 0
  static int invert(int a) {
    if (a == 0) {
      throw new ArithmeticException("zero has no inverse");
    }
    return INVERSES[a] & 0xff;
  }

  /// All products: `a × b` at `(a << 8) | b`. Never to be written to.
  static byte[] productTable() {
    return PRODUCTS;
  }

  private static byte[] products() {
    byte[] table = new byte[1 << 16];
    for (int a = 0; a < 256; a++) {
      for (int b = 1; b < 256; b++) {
        // b is what b / 2 gives, times x, and one more a if b is odd.
        int doubled = (table[(a << 8) | (b >>> 1)] & 0xff) << 1;
        int reduced = doubled > 0xff ? doubled ^ POLYNOMIAL : doubled;
        table[(a << 8) | b] = (byte) ((b & 1) != 0 ? reduced ^ a : reduced);
      }
    }
    return table;
  }

  private static byte[] inverses() {
    byte[] table = new byte[256];
    for (int a = 1; a < 256; a++) {
      for (int b = 1; b < 256; b++) {
        if (multiply(a, b) == 1) {
          table[a] = (byte) b;
        }
      }
    }
    return table;
  }
}
