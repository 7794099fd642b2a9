package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, servers' are meant all the same.
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
  void floatText_wherePeopleWriteOtherDigits_hasThoseOfServers() {
    assertThat(new String(FloatText.of(1.5e-300), StandardCharsets.US_ASCII)).isEqualTo("1.5e-300");
  }
}
