package io.ringkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.NotFound;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExactEndsTest {
  private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

  @Test
  void left_keyWentAway_isNotTakenForOneThatStays() {
    assertThat(ExactEnds.left(-1L, KEY)).isEqualTo(-1);
    assertThat(ExactEnds.left(0L, KEY)).isZero();
    assertThat(ExactEnds.left(5_000L, KEY)).isEqualTo(5_000);
    assertThatThrownBy(() -> ExactEnds.left(-2L, KEY))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("key=key");
  }
}
