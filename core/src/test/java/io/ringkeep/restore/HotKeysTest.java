package io.ringkeep.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class HotKeysTest {
  @Test
  void hottest_ofFrequencies_areTheHighestCountersUpToTheShare() {
    HotKeys.Finder finder = new HotKeys.Finder();
    add(finder, 5, new Heat.Frequency(200));
    add(finder, 10, new Heat.Frequency(100));
    add(finder, 85, new Heat.Frequency(5));

    HotKeys fifteen = finder.hottest(15);
    assertThat(fifteen.keys()).isEqualTo(15);
    assertThat(fifteen.includes(record(new Heat.Frequency(100)))).isTrue();
    assertThat(fifteen.includes(record(new Heat.Frequency(99)))).isFalse();
    assertThat(fifteen.includes(record(Heat.UNKNOWN))).isFalse();
    assertThat(fifteen.includes(record(new Heat.Idle(0)))).isFalse();
    assertThat(finder.hottest(14).keys()).isEqualTo(5);
  }

  @Test
  void hottest_whereTheHottestAreMoreThanTheShare_areAllOfThese() {
    HotKeys.Finder finder = new HotKeys.Finder();
    add(finder, 90, new Heat.Frequency(255));
    add(finder, 10, new Heat.Frequency(0));
    assertThat(finder.hottest(1).keys()).isEqualTo(90);
    assertThat(finder.hottest(100).keys()).isEqualTo(100);
  }

  @Test
  void hottest_ofIdleTimes_areTheShortest() {
    HotKeys.Finder finder = new HotKeys.Finder();
    for (int seconds = 0; seconds < 100_000; seconds++) {
      finder.add(record(new Heat.Idle(seconds)));
    }
    HotKeys hot = finder.hottest(10);
    assertThat(hot.keys()).isBetween(8_500L, 10_000L);
    assertThat(hot.includes(record(new Heat.Idle(8_000)))).isTrue();
    assertThat(hot.includes(record(new Heat.Idle(10_100)))).isFalse();
    assertThat(hot.includes(record(new Heat.Frequency(255)))).isFalse();
  }

  @Test
  void hottest_ofBoth_isToldApartSeparately() {
    HotKeys.Finder finder = new HotKeys.Finder();
    add(finder, 10, new Heat.Frequency(9));
    add(finder, 90, new Heat.Frequency(1));
    add(finder, 10, new Heat.Idle(1));
    add(finder, 90, new Heat.Idle(Integer.MAX_VALUE));
    HotKeys hot = finder.hottest(10);
    assertThat(hot.keys()).isEqualTo(20);
    assertThat(hot.includes(record(new Heat.Frequency(9)))).isTrue();
    assertThat(hot.includes(record(new Heat.Idle(1)))).isTrue();
    assertThat(hot.includes(record(new Heat.Idle(Integer.MAX_VALUE)))).isFalse();
  }

  @Test
  void hottest_ofNoHeat_areNone() {
    HotKeys.Finder finder = new HotKeys.Finder();
    add(finder, 10, Heat.UNKNOWN);
    assertThat(finder.hottest(50).keys()).isZero();
  }

  private static void add(HotKeys.Finder finder, int times, Heat heat) {
    for (int i = 0; i < times; i++) {
      finder.add(record(heat));
    }
  }

  private static Record record(Heat heat) {
    return new Record(
        0,
        ByteBuffer.allocate(1),
        Record.NO_EXPIRY,
        heat,
        /* type= */ 0,
        RdbVersion.redis(10),
        ByteBuffer.allocate(1));
  }
}
