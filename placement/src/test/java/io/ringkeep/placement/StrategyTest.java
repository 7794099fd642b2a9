package io.ringkeep.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrategyTest {
  @ParameterizedTest
  @CsvSource({
    "shard:1,1,1,0,1,1.0",
    "shard:6,6,6,0,6,1.0",
    "copy:1,1,1,0,1,1.0",
    "copy:2,2,1,1,2,2.0",
    "copy:3,3,1,2,2,3.0",
    "erasure:4+2,6,4,2,5,1.5",
    "erasure:4+3,7,4,3,6,1.75",
    "erasure:8+4,12,8,4,10,1.5",
    "erasure:2+1,3,2,1,3,1.5"
  })
  void parse_whatToStringWrites_knowsItsNumbers(
      String text, int width, int data, int losses, int commit, double stored) {
    Strategy strategy = Strategy.parse(text);

    assertThat(strategy).hasToString(text);
    assertThat(strategy.width()).isEqualTo(width);
    assertThat(strategy.dataPieces()).isEqualTo(data);
    assertThat(strategy.toleratedLosses()).isEqualTo(losses);
    assertThat(strategy.commitPieces()).isEqualTo(commit);
    assertThat((double) strategy.width() / strategy.dataPieces()).isEqualTo(stored);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "copy",
        "copy:",
        "copy:0",
        "copy:17",
        "copy:-1",
        "copy:3 ",
        "Copy:3",
        "shard:0",
        "shard:16385",
        "shard:99999",
        "erasure:4",
        "erasure:4+0",
        "erasure:1+2",
        "erasure:60+5",
        "erasure:4+2+1",
        "erasure:99999+99999",
        "erasure:4 + 2",
        "mirror:2"
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatThrownBy(() -> Strategy.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_unknownWord_saysWhatCanBeWritten() {
    assertThatThrownBy(() -> Strategy.parse("mirror:2"))
        .hasMessage("'mirror:2' is no strategy: write shard:N, copy:N or erasure:K+M");
  }
}
