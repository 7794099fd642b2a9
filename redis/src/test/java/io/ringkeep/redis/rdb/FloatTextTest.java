package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatTextTest {
  /// The first lines are values of Redis's own tests of arrays.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.0",
        "-1.0",
        "3.14",
        "0.5",
        "0.1",
        "1234.5",
        "0.0625",
        "999999.0",
        "1.23456789012",
        "3.141592653589793",
        "-2.718281828459045",
        "-0.0",
        "0.0",
        "-9999999.0",
        "0.000001",
        "0.0012345678901234567",
        "1.2345678901234567e-4",
        "1e-7",
        "5e-324",
        "1.7976931348623157e+308",
        "-1.5e+300",
        "4611686018427387904.0",
        "123456789012345680000.0",
        "nan",
        "inf",
        "-inf"
      })
  void of_eachForm_isWhatServersShow(String text) {
    double value =
        switch (text) {
          case "nan" -> Double.NaN;
          case "inf" -> Double.POSITIVE_INFINITY;
          case "-inf" -> Double.NEGATIVE_INFINITY;
          default -> Double.parseDouble(text);
        };
    assertThat(text(value)).isEqualTo(text);
  }

  @Test
  void of_anyDouble_readsBackAsTheSame() {
    Random random = Seeds.random("floats");
    for (int round = 0; round < Seeds.rounds(200_000); round++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        String text = text(value);
        assertThat(Double.parseDouble(text)).as(text).isEqualTo(value);
        assertThat(text.length()).isLessThanOrEqualTo(27);
      }
    }
  }

  private static String text(double value) {
    return new String(FloatText.of(value), US_ASCII);
  }
}
