package io.ringkeep.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.placement.Strategy;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, stored names have the same as elsewhere.
@Isolated("the locale is every test's")
class OtherDigitsTest {
  private final Locale before = Locale.getDefault();

  @BeforeEach
  void persian() {
    Locale.setDefault(Locale.forLanguageTag("fa-IR"));
    assertThat("%d".formatted(1)).isNotEqualTo("1");
  }

  @AfterEach
  void asBefore() {
    Locale.setDefault(before);
  }

  @Test
  void names_wherePeopleWriteOtherDigits_areThoseOfElsewhere() {
    assertThat(new PieceName("a.data", 4, 2, 5).key()).isEqualTo("a.data.p4-2.5");
    assertThat(PlacementFile.key(12)).endsWith("00000012.json");
    assertThat(new PlacementMark(new Strategy.Copies(3), 7)).hasToString("-c3.7");
  }
}
