package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EscapedTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "75736572|user",
        "6100ff|a\\x00\\xff",
        "615c6e|a\\\\n",
        "0a0d09|\\n\\r\\t",
        "e99499e8afaf|错误",
        "c080|\\xc0\\x80",
        "eda080|\\xed\\xa0\\x80",
        "f4908080|\\xf4\\x90\\x80\\x80",
        "1b5b326a|\\x1b[2j",
        "e280ae61|\\xe2\\x80\\xaea",
        "20612020|\\x20a \\x20",
        "f09f9880|\uD83D\uDE00",
      })
  void of_bytes_showsWhatIsVisible(String hex, String shown) {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex);

    assertThat(EscapedText.of(bytes)).isEqualTo(shown);
    assertThat(EscapedText.parse(shown)).isEqualTo(ByteBuffer.wrap(bytes));
  }

  @Test
  void parse_anyBytesShown_givesThemBack() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      for (int b = 0; b < bytes.length; b++) {
        // Often what has a meaning.
        if (random.nextInt(3) == 0) {
          bytes[b] = "\\xn0f\" \n".getBytes(StandardCharsets.UTF_8)[random.nextInt(8)];
        }
      }

      assertThat(EscapedText.parse(EscapedText.of(bytes)))
          .as(EscapedText.of(bytes))
          .isEqualTo(ByteBuffer.wrap(bytes));
    }
  }

  @ParameterizedTest
  @CsvSource({"App\\Models\\User, App\\Models\\User", "a\\x4, a\\x4", "\\, \\", "\\q, \\q"})
  void parse_backslashThatBeginsNothing_isItself(String text, String meant) {
    assertThat(EscapedText.parse(text))
        .isEqualTo(ByteBuffer.wrap(meant.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void parse_quotesAlone_areTheEmptyString() {
    assertThat(EscapedText.of(new byte[0])).isEqualTo("\"\"");
    assertThat(EscapedText.parse("\"\"").remaining()).isZero();
  }
}
