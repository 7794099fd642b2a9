package io.ringkeep.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PieceFormatTest {
  @ParameterizedTest
  @ValueSource(strings = {"caches/c/run/a-0000.data.p1", "caches/c/run/a-0001-r5.data.p4-2.5"})
  void name_parsedAndWritten_isTheSame(String key) {
    assertThat(PieceName.parse(key).orElseThrow().key()).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"REPOSITORY", "a.data", "a.p", "a.p4-2.6", "a.p0-2.0", "a.p1-2.0", ".p1"})
  void name_ofSomethingElse_isNone(String key) {
    assertThat(PieceName.parse(key)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 52",
    "1, 1, 57",
    "1, 65536, 65592",
    "1, 65537, 65597",
    "4, 1, 57",
    "4, 262144, 65592",
    "4, 262147, 65597"
  })
  void layout_pieceBytes_areHeaderUnitsWithChecksumsAndTrailer(
      int data, long object, long expected) {
    assertThat(new PieceLayout(data, object).pieceBytes()).isEqualTo(expected);
  }

  @Test
  void header_ofAnotherObject_isDamage() throws Exception {
    PieceName piece = PieceName.whole("caches/c/run/a.data");
    PieceName other = PieceName.whole("caches/c/run/b.data");
    assertThat(PieceFormat.upload(PieceFormat.header(piece, "set", 7), piece, "set")).isEqualTo(7);
    assertThatThrownBy(() -> PieceFormat.upload(PieceFormat.header(other, "set", 7), piece, "set"))
        .isInstanceOf(PieceDamage.class)
        .hasMessageContaining("belongs to another object");
  }
}
