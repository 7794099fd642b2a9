package io.ringkeep.erasure;

import java.nio.ByteBuffer;
import java.util.Optional;

/// The kernels that this machine can run, and which of them is used.
public final class Kernels {
  /*
   * Vector code is a hundred times slower than the scalar kernel until the JVM has compiled it, and for ever on
   * processors without the instructions. So work starts on the scalar kernel at once, while a thread runs the vector kernel on
   * pieces of its own until it has been twice as fast; from then on everybody uses it. That takes 0.3 to 1 s, and costs
   * nothing in processes that code nothing.
   */
  private static final Kernel SCALAR = new ScalarKernel();
  private static final int LEAST_VECTOR_BYTES = 16;
  private static final int TRIAL_PIECES = 3;
  private static final int TRIAL_BYTES = 16 * 1024;
  private static final long TRIAL_NANOS = 5_000_000_000L;

  /// Written by the trial, read by everybody.
  private static volatile Kernel current = SCALAR;

  private Kernels() {}

  /// The kernel that runs everywhere.
  public static Kernel scalar() {
    return SCALAR;
  }

  /// The vector kernel, if the JVM has the module for it and its products are right. The first call
  /// takes some 0.1 s.
  public static Optional<Kernel> vector() {
    return Vector.KERNEL;
  }

  /// The fastest kernel known so far. The first call starts the search for a faster one.
  static Kernel current() {
    Trial.begin();
    return current;
  }

  private static final class Vector {
    static final Optional<Kernel> KERNEL = load();

    private static Optional<Kernel> load() {
      if (!VectorModule.load()) {
        return Optional.empty();
      }
      try {
        if (VectorKernel.vectorBytes() < LEAST_VECTOR_BYTES) {
          return Optional.empty();
        }
        Kernel kernel = new VectorKernel();
        return agrees(kernel) ? Optional.of(kernel) : Optional.empty();
      } catch (LinkageError | RuntimeException _) {
        // Whatever another JVM's incubator lacks or does otherwise: the scalar kernel needs none of
        // it.
        return Optional.empty();
      }
    }
  }

  /// Whether a kernel multiplies every byte by every coefficient as the scalar kernel does.
  static boolean agrees(Kernel kernel) {
    int bytes = 256 + LEAST_VECTOR_BYTES + 1;
    ByteBuffer[] from = pieces(bytes);
    ByteBuffer[] expected = pieces(bytes);
    ByteBuffer[] actual = pieces(bytes);
    byte[] matrix = new byte[TRIAL_PIECES * TRIAL_PIECES];
    for (int first = 0; first < 256; first++) {
      for (int i = 0; i < matrix.length; i++) {
        matrix[i] = (byte) (first + 31 * i);
      }
      SCALAR.multiply(matrix, from, expected);
      kernel.multiply(matrix, from, actual);
      for (int i = 0; i < TRIAL_PIECES; i++) {
        if (!actual[i].equals(expected[i])) {
          return false;
        }
      }
    }
    return true;
  }

  private static ByteBuffer[] pieces(int bytes) {
    ByteBuffer[] pieces = new ByteBuffer[TRIAL_PIECES];
    for (int p = 0; p < pieces.length; p++) {
      pieces[p] = ByteBuffer.allocateDirect(bytes);
      for (int i = 0; i < bytes; i++) {
        pieces[p].put(i, (byte) (i + 85 * p));
      }
    }
    return pieces;
  }

  /// The search for a faster kernel, once a process.
  private static final class Trial {
    static {
      Thread.ofPlatform().daemon().name("erasure-kernel-trial").start(Trial::run);
    }

    static void begin() {
      // The initialiser has done it.
    }

    private static void run() {
      Optional<Kernel> vector = vector();
      if (vector.isEmpty()) {
        return;
      }
      // Three rows and columns: pairs and single ones, so each loop of the kernel gets compiled.
      byte[] matrix = Matrix.cauchy(TRIAL_PIECES, TRIAL_PIECES);
      ByteBuffer[] from = pieces(TRIAL_BYTES);
      ByteBuffer[] to = pieces(TRIAL_BYTES);
      long begin = System.nanoTime();
      while (System.nanoTime() - begin < TRIAL_NANOS) {
        if (2 * nanos(vector.get(), matrix, from, to) < nanos(SCALAR, matrix, from, to)) {
          current = vector.get();
          return;
        }
      }
    }

    private static long nanos(Kernel kernel, byte[] matrix, ByteBuffer[] from, ByteBuffer[] to) {
      long begin = System.nanoTime();
      kernel.multiply(matrix, from, to);
      return System.nanoTime() - begin;
    }
  }
}
