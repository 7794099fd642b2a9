package io.ringkeep.repository.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, stored names have the same as elsewhere.
@Isolated("the locale is every test's")
class RunNameDigitsTest {
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
  void dataName_wherePeopleWriteOtherDigits_isThatOfElsewhere() {
    assertThat(RunFormat.dataName("runs/", "s1-0001", 12, "")).isEqualTo("runs/s1-0001-0012.data");
  }
}
