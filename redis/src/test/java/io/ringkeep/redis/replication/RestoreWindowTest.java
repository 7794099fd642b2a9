package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.replication.RestoreWindow.Sent;
import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RestoreWindowTest {
  @Test
  void tryEnter_fullByCommands_waitsForAnAnswer() {
    RestoreWindow window = new RestoreWindow(2, 100);
    assertThat(window.tryEnter(sent(1))).isTrue();
    assertThat(window.tryEnter(sent(2))).isTrue();
    assertThat(window.tryEnter(sent(3))).isFalse();
    ArrayDeque<Sent> taken = new ArrayDeque<>();
    window.take(taken);
    assertThat(taken).containsExactly(sent(1), sent(2));
    assertThat(window.tryEnter(sent(3))).as("taken, not answered").isFalse();
    window.answered(1, 1);
    assertThat(window.tryEnter(sent(3))).isTrue();
    window.take(taken);
    assertThat(taken).containsExactly(sent(1), sent(2), sent(3));
  }

  @Test
  void tryEnter_fullByBytes_letsOnlyASingleLargeOnePass() {
    RestoreWindow window = new RestoreWindow(10, 100);
    assertThat(window.tryEnter(sent(1000))).isTrue();
    assertThat(window.tryEnter(sent(1))).isFalse();
    window.answered(1, 1000);
    assertThat(window.tryEnter(sent(60))).isTrue();
    assertThat(window.tryEnter(sent(41))).isFalse();
    assertThat(window.tryEnter(sent(40))).isTrue();
  }

  @Test
  void enter_full_waitsUntilThereIsRoom() throws InterruptedException {
    RestoreWindow window = new RestoreWindow(1, 100);
    window.enter(sent(1));
    CountDownLatch entered = new CountDownLatch(1);
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                window.enter(sent(2));
                entered.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(entered.await(50, TimeUnit.MILLISECONDS)).isFalse();
    window.answered(1, 1);
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
    writer.join();
  }

  @Test
  void close_somebodyWaits_letsGo() throws InterruptedException {
    RestoreWindow window = new RestoreWindow(1, 100);
    window.enter(sent(1));
    Thread flusher =
        Thread.ofVirtual()
            .start(() -> {
              try {
                window.awaitEmpty();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    window.close();
    assertThat(flusher.join(java.time.Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void silentNanos_nothingOnItsWay_isZero() throws InterruptedException {
    RestoreWindow window = new RestoreWindow(1, 100);
    assertThat(window.silentNanos()).isZero();
    window.enter(sent(1));
    Thread.sleep(5);
    assertThat(window.silentNanos()).isGreaterThan(4_000_000);
    window.answered(1, 1);
    assertThat(window.silentNanos()).isZero();
  }

  private static Sent sent(int bytes) {
    return new Sent(0, null, bytes);
  }
}
