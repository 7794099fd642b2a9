package io.ringkeep.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "7B, 7",
    "50MiB, 52428800",
    "1.5 GiB, 1610612736",
    "50MB, 50000000",
    "1kB, 1000",
    "0.5KiB, 512",
    "7.9PiB, ",
    "9223372036854775807, 9223372036854775807"
  })
  void parse_sizeWithKnownUnit_countsItsBytes(String text, Long bytes) {
    if (bytes == null) {
      assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
    } else {
      assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "MiB",
        "-1",
        "50mib",
        "50 Mb",
        "1e3",
        "1,5GiB",
        "0.3KiB",
        "9223372036854775808",
        "9PiB9",
        "1 KiB "
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteSize.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1048524, 1023.9 KiB",
    "1048525, 1.0 MiB",
    "537290342, 512.4 MiB",
    "9223372036854775807, 8192.0 PiB"
  })
  void toString_anySize_hasOneDecimalAndAUnit(long bytes, String text) {
    assertThat(ByteSize.format(bytes)).isEqualTo(text);
  }

  @Test
  void parse_whatWasPrinted_readsItBack() {
    assertThat(ByteSize.parse(ByteSize.format(3L << 30)).bytes()).isEqualTo(3L << 30);
  }

  @ParameterizedTest
  @CsvSource({"50MiB/s, 52428800", "1B/s, 1", "1.5kB/s, 1500"})
  void parseRate_sizePerSecond_countsItsBytes(String text, long bytes) {
    assertThat(ByteRate.parse(text).bytesPerSecond()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/s", "50MiB", "50MiB/m", "0MiB/s", "50MiB / s"})
  void parseRate_anythingElse_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ByteRate.parse(text));
  }
}
