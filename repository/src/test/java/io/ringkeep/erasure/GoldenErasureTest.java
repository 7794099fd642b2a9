package io.ringkeep.erasure;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pieces that another implementation made, in `golden/erasure`: ISA-L's, whose
/// `gf_gen_cauchy1_matrix` and field are ours. They stay readable for ever.
class GoldenErasureTest {
  private static List<byte[]> golden(String name, String kind) throws IOException {
    try (InputStream in =
        GoldenErasureTest.class.getResourceAsStream("/golden/erasure/" + name + ".txt")) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), US_ASCII)
          .lines()
          .filter(line -> line.startsWith(kind + " "))
          .map(line -> HexFormat.of().parseHex(line.substring(kind.length() + 1)))
          .toList();
    }
  }

  private static ByteBuffer[] pieces(List<byte[]> contents) {
    return contents.stream().map(Pieces::of).toArray(ByteBuffer[]::new);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1+1", "1+3", "1+254", "2+1", "2+2", "3+2", "4+2", "5+3", "8+3", "8+4", "10+4", "17+3",
        "200+55", "254+1"
      })
  void golden_pieces_areEncodedAndRebuiltTheSame(String name) throws IOException {
    ByteBuffer[] data = pieces(golden(name, "data"));
    ByteBuffer[] expected = pieces(golden(name, "parity"));
    int k = data.length;
    int m = expected.length;
    int bytes = data[0].remaining();
    assertThat(k + "+" + m).isEqualTo(name);
    assertThat(Matrix.cauchy(m, k)).isEqualTo(concatenated(golden(name, "row")));

    for (Kernel kernel : Pieces.kernels().toList()) {
      ErasureCode code = ErasureCode.of(k, m, kernel);
      ByteBuffer[] parity = Pieces.empty(m, bytes);
      code.encode(data, parity);
      assertThat(parity).isEqualTo(expected);

      // The first M are lost, or all data if that is fewer.
      @Nullable ByteBuffer[] present =
          Stream.of(data, expected).flatMap(Arrays::stream).toArray(ByteBuffer[]::new);
      Arrays.fill(present, 0, Math.min(k, m), null);
      @Nullable ByteBuffer[] into = Pieces.missing(present, bytes);
      code.rebuild(present, into);
      assertThat(Arrays.copyOf(into, Math.min(k, m)))
          .isEqualTo(Arrays.copyOf(data, Math.min(k, m)));
    }
  }

  /// Computes them as the specification says, with none of the product's code.
  @Test
  void golden_pieces_areWhatTheSpecificationSays() throws IOException {
    List<byte[]> data = golden("10+4", "data");
    List<byte[]> parity = golden("10+4", "parity");
    for (int r = 0; r < 4; r++) {
      byte[] sums = new byte[parity.get(r).length];
      for (int c = 0; c < 10; c++) {
        for (int i = 0; i < sums.length; i++) {
          int factor = inverse((10 + r) ^ c);
          sums[i] ^= (byte) GaloisFieldTest.product(factor, data.get(c)[i] & 0xff);
        }
      }
      assertThat(sums).isEqualTo(parity.get(r));
    }
  }

  private static int inverse(int a) {
    int inverse = 1;
    while (GaloisFieldTest.product(a, inverse) != 1) {
      inverse++;
    }
    return inverse;
  }

  private static byte[] concatenated(List<byte[]> rows) {
    ByteBuffer all = ByteBuffer.allocate(rows.stream().mapToInt(row -> row.length).sum());
    rows.forEach(all::put);
    return all.array();
  }
}
