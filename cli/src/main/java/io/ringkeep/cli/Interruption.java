package io.ringkeep.cli;

import io.ringkeep.cli.session.Console;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/// Ends a run in order when the process is told to end.
final class Interruption {
  /*
   * An interrupt closes the channel that work waits on; what else it waits for has an end. Ctrl-C and kill make the JVM run
   * its shutdown hooks; ours interrupts the work and waits until it has given back what it held (leases, a target's
   * settings, half-written objects), then the JVM exits with 128 + the signal's number by itself. A second signal
   * changes nothing, so the wait is bounded: by more than a target (30 s) and Sentinels (40 s) get to be put back in,
   * so that whoever gives up on them has said what to do there. What is left in the repository, the next run cleans up.
   */
  private static final Duration WAIT = Duration.ofSeconds(90);

  /// After this long without an end, people are told that there will be one.
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final int BUG = 70;

  private Interruption() {}

  /// What `work` returned.
  static int run(IntSupplier work, Console console) {
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger exitCode = new AtomicInteger(BUG);
    CountDownLatch done = new CountDownLatch(1);
    Thread worker =
        Thread.ofPlatform()
            .name("ringkeep")
            .unstarted(() -> {
              try {
                exitCode.set(work.getAsInt());
              } finally {
                done.countDown();
              }
            });
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("interruption")
                .unstarted(() -> {
                  if (!ended.get()) {
                    interrupt(worker, done, console);
                  }
                }));
    worker.start();
    while (true) {
      try {
        done.await();
        ended.set(true);
        return exitCode.get();
      } catch (InterruptedException e) {
        worker.interrupt();
      }
    }
  }

  private static void interrupt(Thread worker, CountDownLatch done, Console console) {
    worker.interrupt();
    if (console.prompt().asking()) {
      return;
    }
    try {
      if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        say(console, "interrupted: putting back what was changed, %d s at most", WAIT.toSeconds());
        if (!done.await(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
          say(console, "the run did not end in %d s: left as it is", WAIT.toSeconds());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(Console console, String text, long seconds) {
    console.err().println("ringkeep: " + text.formatted(seconds));
    console.err().flush();
  }
}
