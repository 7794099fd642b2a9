package io.ringkeep.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "10s, PT10S",
    "15m, PT15M",
    "26h, PT26H",
    "7d, PT168H",
    "1h30m, PT1H30M",
    "1d2h3m4s5ms, PT26H3M4.005S",
    "0s, PT0S"
  })
  void parse_unitsFromLargeToSmall_addsThem(String text, Duration duration) {
    assertThat(DurationText.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "s",
        "-1s",
        "1.5h",
        "10 s",
        "30m1h",
        "1h1h",
        "10S",
        "1w",
        "1hx",
        "100001d",
        "999999999999999d",
        "9999999999999999d"
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurationText.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0 ms",
    "PT0.412S, 412 ms",
    "PT11.34S, 11.3 s",
    "PT59.949S, 59.9 s",
    "PT59.95S, 1 min 0 s",
    "PT2M5S, 2 min 5 s",
    "PT59M59.6S, 1 h 0 min",
    "PT26H, 26 h 0 min",
    "PT171H, 7 d 3 h",
    "PT-3S, -3.0 s"
  })
  void format_anyDuration_hasItsTwoLargestUnits(Duration duration, String text) {
    assertThat(DurationText.format(duration)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 0:00", "PT7S, 0:07", "PT12M30S, 12:30", "PT3H5M, 3:05:00"})
  void clock_anyDuration_readsLikeAClock(Duration duration, String text) {
    assertThat(DurationText.clock(duration)).isEqualTo(text);
  }
}
