package io.ringkeep.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.OtherDigits;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Where the user's language has other digits, servers are sent theirs all the same.
@Isolated("the locale is every test's")
class OtherDigitsTest {
  @Test
  void select_wherePeopleWriteOtherDigits_hasThoseOfServers() {
    try (OtherDigits _ = OtherDigits.begin()) {
      assertThat(StandardCharsets.US_ASCII.decode(LogReplay.select(12)).toString())
          .isEqualTo("*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n");
    }
  }
}
