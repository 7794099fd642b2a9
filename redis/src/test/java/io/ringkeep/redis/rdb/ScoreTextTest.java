package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreTextTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, -0.0",
    "1, 1",
    "-17, -17",
    "007, 7",
    "2.5, 2.5",
    ".5, 0.5",
    "5., 5",
    "-0.1, -0.1",
    "123456789012345, 123456789012345",
    "1234567890123456, 1234567890123456",
    "9007199254740993, 9007199254740992",
    "0.000000000000001, 1e-15",
    "1e5, 100000",
    "1.7976931348623157e+308, 1.7976931348623157E308",
    "4.9406564584124654e-324, 4.9E-324",
    "3.1400000000000001, 3.14",
    "+3, 3"
  })
  void parse_number_isTheNearestDouble(String text, double score) {
    assertThat(parse(text)).isEqualTo(score);
  }

  @Test
  void parse_infinitiesAndNan_areTheServersWords() {
    assertThat(parse("inf")).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(parse("-inf")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(parse("nan")).isNaN();
    assertThat(parse("-nan")).isNaN();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        ".",
        "-.",
        "1.2.3",
        "1-",
        "--1",
        "1e",
        "e5",
        " 1",
        "1 ",
        "1f",
        "1d",
        "0x10",
        "Infinity",
        "NaN",
        "infinite",
        "12a"
      })
  void parse_anythingElse_isDamage(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(CorruptData.class);
  }

  @Test
  void parse_randomDoublesAsServersWriteThem_givesThemBack() {
    Random random = Seeds.random("scores");
    for (int round = 0; round < Seeds.rounds(50_000); round++) {
      double score =
          switch (random.nextInt(3)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(2_000_000) / 1000.0;
            default -> random.nextLong() >> random.nextInt(64);
          };
      if (Double.isFinite(score)) {
        String digits17 = new BigDecimal(score).round(new MathContext(17)).toString();
        assertThat(parse(digits17)).isEqualTo(score);
        assertThat(parse(Double.toString(score).toLowerCase(Locale.ROOT))).isEqualTo(score);
      }
    }
  }

  @Test
  void parse_randomDigitsAndPoint_isTheNearestDouble() {
    Random random = Seeds.random("scores.digits");
    for (int round = 0; round < Seeds.rounds(200_000); round++) {
      String digits = Long.toString(random.nextLong(1_000_000_000_000_000_000L));
      int point = random.nextInt(digits.length() + 1);
      String zeros = "0".repeat(random.nextInt(6));
      String text = digits.substring(0, point) + "." + digits.substring(point);
      assertThat(parse(text)).as(text).isEqualTo(Double.parseDouble(text));
      String small = "-0." + zeros + digits;
      assertThat(parse(small)).as(small).isEqualTo(Double.parseDouble(small));
    }
  }

  @Test
  void parse_halfwayBetweenTwoDoubles_takesTheEvenOne() {
    for (long odd = (1L << 54) + 2; odd < (1L << 54) + 2000; odd += 4) {
      for (long halfway : new long[] {odd, odd + 1, odd - 1}) {
        String text = new BigDecimal(halfway).divide(BigDecimal.valueOf(8)).toPlainString();
        assertThat(parse(text)).as(text).isEqualTo(Double.parseDouble(text));
      }
    }
  }

  private static double parse(String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    Element element = new Element();
    element.set(ByteBuffer.wrap(bytes), 0, bytes.length);
    return ScoreText.parse(element);
  }
}
