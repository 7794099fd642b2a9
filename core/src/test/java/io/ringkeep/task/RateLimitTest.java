package io.ringkeep.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private static final int BYTES = 400_000;

  @Test
  void limit_ofAMegabyteASecond_takesAtLeastItsTime() throws IOException {
    long startNanos = System.nanoTime();

    assertThat(drain(RateLimit.of(OptionalLong.of(1_000_000)))).isEqualTo(BYTES);

    // A tenth of a second may have been saved up before.
    assertThat(System.nanoTime() - startNanos).isGreaterThan(250_000_000L);
  }

  @Test
  void limit_withoutOne_handsOutTheChannelItself() {
    ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(new byte[0]));

    assertThat(RateLimit.of(OptionalLong.empty()).limit(channel)).isSameAs(channel);
  }

  private static int drain(RateLimit limit) throws IOException {
    int total = 0;
    try (ReadableByteChannel in =
        limit.limit(Channels.newChannel(new ByteArrayInputStream(new byte[BYTES])))) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 17);
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        total += count;
        buffer.clear();
      }
    }
    return total;
  }
}
