package io.ringkeep.repository.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.OtherDigits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, stored names have the same as elsewhere.
@Isolated("the locale is every test's")
class RunNameDigitsTest {
  @Test
  void dataName_wherePeopleWriteOtherDigits_isThatOfElsewhere() {
    try (OtherDigits _ = OtherDigits.begin()) {
      assertThat(RunFormat.dataName("runs/", "s1-0001", 12, ""))
          .isEqualTo("runs/s1-0001-0012.data");
    }
  }
}
