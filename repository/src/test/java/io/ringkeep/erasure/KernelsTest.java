package io.ringkeep.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.repository.ChildJvm;
import io.ringkeep.repository.Seeds;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KernelsTest {
  /// The JVM of this test may load the module, as that of `ringkeep.jar` may.
  @Test
  void vector_moduleMayBeLoaded_agreesWithTheScalarKernel() {
    Kernel vector = Kernels.vector().orElseThrow();
    Random random = Seeds.random("KernelsTest");
    for (int round = 0; round < 3000; round++) {
      int columns = 1 + random.nextInt(9);
      int rows = 1 + random.nextInt(6);
      int bytes = random.nextInt(round % 100 == 0 ? 40_000 : 300);
      byte[] matrix = new byte[rows * columns];
      random.nextBytes(matrix);
      matrix[random.nextInt(matrix.length)] = 0;
      matrix[random.nextInt(matrix.length)] = 1;
      ByteBuffer[] from = Pieces.random(columns, bytes, random);
      ByteBuffer[] expected = Pieces.empty(rows, bytes);
      ByteBuffer[] actual = Pieces.empty(rows, bytes);

      Kernels.scalar().multiply(matrix, from, expected);
      vector.multiply(matrix, from, actual);

      assertThat(actual)
          .as("%d × %d, %d bytes", rows, columns, bytes)
          .isEqualTo(expected)
          .allMatch(piece -> Pieces.untouchedAround(piece, bytes));
    }
  }

  /// Wrong in one product of 65536.
  private record FaultyKernel() implements Kernel {
    @Override
    public String name() {
      return "faulty";
    }

    @Override
    public void multiply(byte[] matrix, ByteBuffer[] from, ByteBuffer[] to) {
      Kernels.scalar().multiply(matrix, from, to);
      for (int i = 0; i < from[0].remaining(); i++) {
        if (matrix[0] == (byte) 0xa7 && from[0].get(i) == 0x33) {
          to[0].put(i, (byte) (to[0].get(i) ^ 1));
        }
      }
    }
  }

  @Test
  void agrees_oneWrongProduct_isFound() {
    assertThat(Kernels.agrees(Kernels.scalar())).isTrue();
    assertThat(Kernels.agrees(new FaultyKernel())).isFalse();
  }

  @Test
  void current_afterItsSearch_isAKernelOfThisMachine() throws InterruptedException {
    long begin = System.nanoTime();
    while (Kernels.current().name().equals("scalar")
        && System.nanoTime() - begin < Duration.ofSeconds(6).toNanos()) {
      Thread.sleep(10);
    }
    // Without fast shuffles, or on a machine too busy to tell, it stays scalar, and that is right
    // too.
    assertThat(Pieces.kernels()).contains(Kernels.current());
  }

  /// Says which kernels there are, and encodes.
  static final class Encoder {
    public static void main(String[] arguments) {
      ErasureCode code = ErasureCode.of(2, 1);
      ByteBuffer[] parity = Pieces.empty(1, 3);
      code.encode(new ByteBuffer[] {Pieces.of(new byte[3]), Pieces.of(new byte[3])}, parity);
      System.out.println("vector=" + Kernels.vector().isPresent() + " sum=" + parity[0].get(7));
    }
  }

  @Test
  void vector_moduleAddedAtStart_isThere() throws Exception {
    List<String> options = List.of("--add-modules=jdk.incubator.vector");
    try (ChildJvm child = ChildJvm.withOptions(options, Encoder.class)) {
      assertThat(child.rest()).endsWith("vector=true sum=0");
    }
  }

  @Test
  void vector_jvmStartedPlainly_isNotThereAndNothingIsSaid() throws Exception {
    try (ChildJvm child = ChildJvm.start(Encoder.class)) {
      assertThat(child.rest()).isEqualTo("vector=false sum=0");
      assertThat(child.exitCode()).isZero();
    }
  }

  @Test
  void vector_loadedLate_printsNoWarning() throws Exception {
    List<String> options = List.of("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED");
    try (ChildJvm child = ChildJvm.withOptions(options, Encoder.class)) {
      assertThat(child.rest()).isEqualTo("vector=true sum=0");
    }
  }
}
