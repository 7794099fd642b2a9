package io.ringkeep.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ParallelTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void run_returnsResultsInTheOrderOfTasks() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    List<Callable<String>> tasks =
        List.of(
            () -> {
              second.await();
              return "first";
            },
            () -> {
              second.countDown();
              return "second";
            });

    assertThat(Parallel.run("test", tasks, Deadline.in(LONG, "test")))
        .containsExactly("first", "second");
  }

  @Test
  void run_whenOneFails_endsTheOthersAndThrowsTheFirst() {
    AtomicBoolean interrupted = new AtomicBoolean();
    CountDownLatch waiting = new CountDownLatch(1);
    List<Callable<String>> tasks =
        List.of(
            () -> {
              try {
                waiting.countDown();
                Thread.sleep(LONG);
                return "never";
              } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
              }
            },
            () -> {
              waiting.await();
              throw new IOException("the disk is full");
            });

    assertThatThrownBy(() -> Parallel.run("test", tasks, Deadline.in(LONG, "test")))
        .isInstanceOf(IOException.class)
        .hasMessage("the disk is full");
    assertThat(interrupted).isTrue();
  }

  @Test
  void run_pastItsDeadline_isUnavailable() {
    List<Callable<String>> tasks =
        List.of(() -> {
          Thread.sleep(LONG);
          return "never";
        });

    assertThatThrownBy(
            () -> Parallel.run("test", tasks, Deadline.in(Duration.ofMillis(50), "backup")))
        .isInstanceOf(BackupException.Unavailable.class)
        .hasMessageContaining("backup did not end in time");
  }
}
