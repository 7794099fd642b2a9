package io.ringkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CatchUpTest {
  private static final long WANTED = 3;

  private final AtomicLong asked = new AtomicLong();

  @Test
  void await_replicaBehind_asksUntilItHasWhatItsPrimaryHad() throws Exception {
    assertThat(CatchUp.await(asked::incrementAndGet, WANTED, Duration.ofMinutes(1))).isTrue();
    assertThat(asked).hasValue(WANTED);
  }

  @Test
  void await_replicaThatStaysBehind_givesUp() throws Exception {
    assertThat(CatchUp.await(asked::get, WANTED, Duration.ofMillis(1))).isFalse();
  }
}
