package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LogicalTypeTest {
  @Test
  void word_eachType_isWhatTypeOfAServerSays() {
    assertThat(Arrays.stream(LogicalType.values()).map(LogicalType::word))
        .containsExactly("string", "list", "set", "zset", "hash", "stream", "array", "module");
  }
}
