package io.ringkeep.erasure;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The kernel for processors that look up 16, 32 or 64 bytes at once.
///
/// Loading this class needs the module `jdk.incubator.vector`; [Kernels] sees to that.
final class VectorKernel implements Kernel {
  /*
   * A byte is its low half plus its high half times x^4, so a product is the sum of two looks into tables of 16, and
   * a shuffle does that for every byte of a vector. Two rows and two columns go at once: each byte is then read once for
   * four products. A block stays in the first-level cache until all columns are added to it.
   *
   * Tables repeat every 16 bytes and a shuffle takes an index modulo the vector's length, so an index needs its lowest four
   * bits to be right and no mask: the low half is the byte itself, the high half is any shift by four.
   *
   * Source: J. S. Plank, K. M. Greenan, E. L. Miller, "Screaming fast Galois field arithmetic using Intel SIMD
   * instructions", FAST 2013.
   */
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final int LENGTH = BYTES.length();
  private static final int BLOCK_BYTES = 8192;

  /// For each coefficient c: c × (i mod 16) for each index i of a vector, then c × 16 × (i mod 16).
  private static final byte[] TABLES = tables();

  /// How many bytes this machine's vectors have.
  static int vectorBytes() {
    return LENGTH;
  }

  @Override
  public String name() {
    return "vector-" + BYTES.vectorBitSize();
  }

  @Override
  public void multiply(byte[] matrix, ByteBuffer[] from, ByteBuffer[] to) {
    int bytes = to[0].remaining();
    int whole = BYTES.loopBound(bytes);
    MemorySegment[] sources = segments(from);
    MemorySegment[] sums = segments(to);
    for (int start = 0; start < whole; start += BLOCK_BYTES) {
      int end = Math.min(whole, start + BLOCK_BYTES);
      int row = 0;
      for (; row + 2 <= sums.length; row += 2) {
        twoRows(matrix, sources, sums, row, start, end);
      }
      if (row < sums.length) {
        oneRow(matrix, sources, sums[row], row * sources.length, start, end);
      }
    }
    ScalarKernel.multiply(matrix, from, to, whole, bytes);
  }

  private static void twoRows(
      byte[] matrix, MemorySegment[] from, MemorySegment[] to, int row, int start, int end) {
    int upper = row * from.length;
    int lower = upper + from.length;
    int c = 0;
    if (from.length % 2 != 0) {
      setTwo(from[0], to[row], to[row + 1], matrix[upper], matrix[lower], start, end);
      c = 1;
    }
    for (; c < from.length; c += 2) {
      addTwo(
          from[c],
          from[c + 1],
          to[row],
          to[row + 1],
          matrix[upper + c],
          matrix[upper + c + 1],
          matrix[lower + c],
          matrix[lower + c + 1],
          c == 0,
          start,
          end);
    }
  }

  private static void setTwo(
      MemorySegment from,
      MemorySegment upper,
      MemorySegment lower,
      byte ofUpper,
      byte ofLower,
      int start,
      int end) {
    ByteVector upperLow = low(ofUpper);
    ByteVector upperHigh = high(ofUpper);
    ByteVector lowerLow = low(ofLower);
    ByteVector lowerHigh = high(ofLower);
    for (int i = start; i < end; i += LENGTH) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, from, i, LITTLE_ENDIAN);
      ByteVector halves = highHalves(bytes);
      xor(bytes.selectFrom(upperLow), halves.selectFrom(upperHigh))
          .intoMemorySegment(upper, i, LITTLE_ENDIAN);
      xor(bytes.selectFrom(lowerLow), halves.selectFrom(lowerHigh))
          .intoMemorySegment(lower, i, LITTLE_ENDIAN);
    }
  }

  private static void addTwo(
      MemorySegment a,
      MemorySegment b,
      MemorySegment upper,
      MemorySegment lower,
      byte upperA,
      byte upperB,
      byte lowerA,
      byte lowerB,
      boolean first,
      int start,
      int end) {
    ByteVector upperLowA = low(upperA);
    ByteVector upperHighA = high(upperA);
    ByteVector upperLowB = low(upperB);
    ByteVector upperHighB = high(upperB);
    ByteVector lowerLowA = low(lowerA);
    ByteVector lowerHighA = high(lowerA);
    ByteVector lowerLowB = low(lowerB);
    ByteVector lowerHighB = high(lowerB);
    ByteVector zero = ByteVector.zero(BYTES);
    for (int i = start; i < end; i += LENGTH) {
      ByteVector bytesA = ByteVector.fromMemorySegment(BYTES, a, i, LITTLE_ENDIAN);
      ByteVector bytesB = ByteVector.fromMemorySegment(BYTES, b, i, LITTLE_ENDIAN);
      ByteVector halvesA = highHalves(bytesA);
      ByteVector halvesB = highHalves(bytesB);
      ByteVector upperSum =
          first ? zero : ByteVector.fromMemorySegment(BYTES, upper, i, LITTLE_ENDIAN);
      ByteVector lowerSum =
          first ? zero : ByteVector.fromMemorySegment(BYTES, lower, i, LITTLE_ENDIAN);
      ByteVector upperProducts =
          xor(
              xor(bytesA.selectFrom(upperLowA), halvesA.selectFrom(upperHighA)),
              xor(bytesB.selectFrom(upperLowB), halvesB.selectFrom(upperHighB)));
      ByteVector lowerProducts =
          xor(
              xor(bytesA.selectFrom(lowerLowA), halvesA.selectFrom(lowerHighA)),
              xor(bytesB.selectFrom(lowerLowB), halvesB.selectFrom(lowerHighB)));
      xor(upperSum, upperProducts).intoMemorySegment(upper, i, LITTLE_ENDIAN);
      xor(lowerSum, lowerProducts).intoMemorySegment(lower, i, LITTLE_ENDIAN);
    }
  }

  private static void oneRow(
      byte[] matrix, MemorySegment[] from, MemorySegment to, int offset, int start, int end) {
    for (int c = 0; c < from.length; c++) {
      addOne(from[c], to, matrix[offset + c], c == 0, start, end);
    }
  }

  private static void addOne(
      MemorySegment from, MemorySegment to, byte coefficient, boolean first, int start, int end) {
    ByteVector low = low(coefficient);
    ByteVector high = high(coefficient);
    ByteVector zero = ByteVector.zero(BYTES);
    for (int i = start; i < end; i += LENGTH) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, from, i, LITTLE_ENDIAN);
      ByteVector sum = first ? zero : ByteVector.fromMemorySegment(BYTES, to, i, LITTLE_ENDIAN);
      xor(sum, xor(bytes.selectFrom(low), highHalves(bytes).selectFrom(high)))
          .intoMemorySegment(to, i, LITTLE_ENDIAN);
    }
  }

  private static ByteVector xor(ByteVector a, ByteVector b) {
    return a.lanewise(VectorOperators.XOR, b);
  }

  /// In the lowest four bits of each byte its upper four; anything above them.
  private static ByteVector highHalves(ByteVector bytes) {
    IntVector words = bytes.reinterpretAsInts();
    return words.lanewise(VectorOperators.LSHR, 4).reinterpretAsBytes();
  }

  private static ByteVector low(byte coefficient) {
    return ByteVector.fromArray(BYTES, TABLES, (coefficient & 0xff) * 2 * LENGTH);
  }

  private static ByteVector high(byte coefficient) {
    return ByteVector.fromArray(BYTES, TABLES, ((coefficient & 0xff) * 2 + 1) * LENGTH);
  }

  private static MemorySegment[] segments(ByteBuffer[] buffers) {
    MemorySegment[] segments = new MemorySegment[buffers.length];
    for (int i = 0; i < buffers.length; i++) {
      segments[i] = MemorySegment.ofBuffer(buffers[i]);
    }
    return segments;
  }

  private static byte[] tables() {
    byte[] tables = new byte[256 * 2 * LENGTH];
    for (int c = 0; c < 256; c++) {
      for (int i = 0; i < LENGTH; i++) {
        tables[c * 2 * LENGTH + i] = (byte) GaloisField.multiply(c, i & 15);
        tables[(c * 2 + 1) * LENGTH + i] = (byte) GaloisField.multiply(c, (i & 15) << 4);
      }
    }
    return tables;
  }
}
