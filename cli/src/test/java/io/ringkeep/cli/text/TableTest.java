package io.ringkeep.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void lines_textAndNumbers_leanToTheirSides() {
    assertThat(
            new Table("NAME", ">KEYS", "NOTE")
                .row("a", "1,204,331", "")
                .row("longer", "7", "x")
                .lines())
        .containsExactly("NAME         KEYS  NOTE", "a       1,204,331", "longer          7  x");
  }

  @Test
  void row_otherNumberOfCells_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Table("A", "B").row("1"));
  }
}
