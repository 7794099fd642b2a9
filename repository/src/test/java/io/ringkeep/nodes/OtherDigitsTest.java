package io.ringkeep.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.placement.Strategy;
import io.ringkeep.testkit.OtherDigits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, stored names have the same as elsewhere.
@Isolated("the locale is every test's")
class OtherDigitsTest {
  @Test
  void names_wherePeopleWriteOtherDigits_areThoseOfElsewhere() {
    try (OtherDigits _ = OtherDigits.begin()) {
      assertThat(new PieceName("a.data", 4, 2, 5).key()).isEqualTo("a.data.p4-2.5");
      assertThat(PlacementFile.key(12)).endsWith("00000012.json");
      assertThat(new PlacementMark(new Strategy.Copies(3), 7)).hasToString("-c3.7");
    }
  }
}
