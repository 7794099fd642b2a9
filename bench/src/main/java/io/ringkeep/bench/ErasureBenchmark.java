package io.ringkeep.bench;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.erasure.Kernel;
import io.ringkeep.erasure.Kernels;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/// The erasure code's vector kernel beside its scalar one, in one run on one thread: `bench/erasure
/// [JVM option]...`
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ErasureBenchmark {
  /// Of one piece. Six of them fit into the second-level cache of a server's processor.
  private static final int PIECE_BYTES = 256 * 1024;

  private static final double TARGET = 5;

  /// K+M.
  @Param({"4+2", "8+3", "10+4"})
  public String code = "";

  /// Which kernel works.
  @Param({"scalar", "vector"})
  public String kernel = "";

  private ErasureCode erasureCode = ErasureCode.of(1, 1);
  private ByteBuffer[] data = {};
  private ByteBuffer[] parity = {};
  private @Nullable ByteBuffer[] present = {};
  private @Nullable ByteBuffer[] missing = {};

  /// Fills the data pieces by chance and loses the first two.
  @Setup
  public void fill() {
    Kernel used = kernel.equals("scalar") ? Kernels.scalar() : Kernels.vector().orElseThrow();
    int k = dataPieces(code);
    int m = Integer.parseInt(code.substring(code.indexOf('+') + 1));
    erasureCode = ErasureCode.of(k, m, used);
    data = pieces(k);
    parity = pieces(m);
    Random random = new Random(42);
    byte[] content = new byte[PIECE_BYTES];
    for (ByteBuffer piece : data) {
      random.nextBytes(content);
      piece.put(0, content);
    }
    erasureCode.encode(data, parity);
    present = Arrays.copyOf(data, k + m);
    System.arraycopy(parity, 0, present, k, m);
    missing = new ByteBuffer[k + m];
    for (int i = 0; i < 2; i++) {
      present[i] = null;
      missing[i] = ByteBuffer.allocateDirect(PIECE_BYTES);
    }
  }

  private static ByteBuffer[] pieces(int count) {
    ByteBuffer[] pieces = new ByteBuffer[count];
    Arrays.setAll(pieces, i -> ByteBuffer.allocateDirect(PIECE_BYTES));
    return pieces;
  }

  private static int dataPieces(String code) {
    return Integer.parseInt(code.substring(0, code.indexOf('+')));
  }

  /// M parity pieces from K data pieces.
  @Benchmark
  public ByteBuffer[] encode() {
    erasureCode.encode(data, parity);
    return parity;
  }

  /// Two data pieces from the K others.
  @Benchmark
  public @Nullable ByteBuffer[] rebuild() {
    erasureCode.rebuild(present, missing);
    return missing;
  }

  /// Runs all and prints a table. Ends with 1 if encoding 4+2 misses its target, so that scripts
  /// notice.
  public static void main(String[] jvmOptions) throws Exception {
    List<RunResult> results = new ArrayList<>();
    results.addAll(run(jvmOptions, "encode"));
    results.addAll(run(jvmOptions, "rebuild", "4+2"));
    System.out.println("\n| work | scalar, GB/s | vector, GB/s | ratio |\n|---|---|---|---|");
    boolean met = false;
    for (int i = 0; i < results.size(); i += 2) {
      RunResult scalar = results.get(i);
      double ratio = gigabytes(results.get(i + 1)) / gigabytes(scalar);
      String method =
          scalar.getParams().getBenchmark().endsWith("encode") ? "encode" : "rebuild 2 of";
      String code = scalar.getParams().getParam("code");
      met |= i == 0 && ratio >= TARGET;
      System.out.printf(
          Locale.ROOT,
          "| %s %s | %.2f | %.2f | **%.1f** |%n",
          method,
          code,
          gigabytes(scalar),
          gigabytes(results.get(i + 1)),
          ratio);
    }
    System.exit(met ? 0 : 1);
  }

  private static Collection<RunResult> run(String[] jvmOptions, String method, String... codes)
      throws Exception {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(ErasureBenchmark.class.getSimpleName() + "." + method)
            .jvmArgsPrepend("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED")
            .jvmArgsAppend(jvmOptions);
    if (codes.length > 0) {
      options.param("code", codes);
    }
    return new Runner(options.build()).run();
  }

  /// GB (10^9 bytes) of data pieces a second.
  private static double gigabytes(RunResult result) {
    double contentBytes = (double) dataPieces(result.getParams().getParam("code")) * PIECE_BYTES;
    return result.getPrimaryResult().getScore() * contentBytes / 1e9;
  }
}
