package io.ringkeep.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GaloisFieldTest {
  /// Multiplication as the specification says it, with none of the product's tables.
  static int product(int a, int b) {
    int sum = 0;
    int shifted = a;
    for (int bit = 0; bit < 8; bit++) {
      sum ^= (b >>> bit & 1) != 0 ? shifted : 0;
      shifted = shifted << 1 ^ ((shifted & 0x80) != 0 ? 0x11d : 0);
    }
    return sum;
  }

  @Test
  void multiply_allPairs_isThePolynomialsProduct() {
    for (int a = 0; a < 256; a++) {
      for (int b = 0; b < 256; b++) {
        assertThat(GaloisField.multiply(a, b)).isEqualTo(product(a, b));
      }
    }
  }

  @Test
  void invert_allButZero_givesOneWithItself() {
    assertThat(IntStream.range(1, 256))
        .allMatch(a -> GaloisField.multiply(a, GaloisField.invert(a)) == 1);
    assertThatThrownBy(() -> GaloisField.invert(0)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void polynomial_primitive_letsTwoGenerateAllElements() {
    assertThat(IntStream.iterate(1, a -> GaloisField.multiply(a, 2)).limit(255).distinct())
        .hasSize(255);
  }

  /// Source: `testGalois` in `galois_test.go` of klauspost/reedsolomon.
  @ParameterizedTest
  @CsvSource({"3,4,12", "7,7,21", "23,45,41"})
  void multiply_publishedProducts_agrees(int a, int b, int product) {
    assertThat(GaloisField.multiply(a, b)).isEqualTo(product);
  }

  /// Source: as above, whose `galMulSlice` multiplies these bytes by 25 and by 177.
  @ParameterizedTest
  @CsvSource({
    "25,0019322b647d56fab86dc785c31f220725feda5d446f763920",
    "177,00b17fcefe4f819e0306e875bd4036a395cb0cdd6ca2132392",
  })
  void multiply_publishedSlices_agrees(int factor, String products) {
    int[] bytes = {
      0, 1, 2, 3, 4, 5, 6, 10, 50, 100, 150, 174, 201, 255, 99, 32, 67, 85, 200, 199, 198, 197, 196,
      195, 194
    };
    byte[] expected = HexFormat.of().parseHex(products);
    for (int i = 0; i < bytes.length; i++) {
      assertThat(GaloisField.multiply(factor, bytes[i])).isEqualTo(expected[i] & 0xff);
    }
  }
}
