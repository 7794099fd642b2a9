package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.OtherDigits;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, servers' are meant all the same.
@Isolated("the locale is every test's")
class OtherDigitsTest {
  @Test
  void floatText_wherePeopleWriteOtherDigits_hasThoseOfServers() {
    try (OtherDigits _ = OtherDigits.begin()) {
      assertThat(new String(FloatText.of(1.5e-300), StandardCharsets.US_ASCII))
          .isEqualTo("1.5e-300");
    }
  }
}
