package io.ringkeep.recover;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, servers are sent theirs all the same.
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
  void select_wherePeopleWriteOtherDigits_hasThoseOfServers() {
    assertThat(StandardCharsets.US_ASCII.decode(LogReplay.select(12)).toString())
        .isEqualTo("*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n");
  }
}
