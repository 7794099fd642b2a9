package io.ringkeep.task;

import io.ringkeep.model.BackupException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Runs one task for each shard beside the others: all end well, or none goes on.
public final class Parallel {
  /*
   * On platform threads: a virtual one that waits for a socket is parked and woken through a poller, which took a
   * third of the time of reading an RDB.
   */
  private Parallel() {}

  /// Results of all tasks, in the order of the tasks.
  ///
  /// When one fails or the deadline passes, the others are interrupted (which closes the sockets
  /// they wait on) and have ended when this throws.
  ///
  /// @throws BackupException the first failure, if it is one
  /// @throws IOException the same
  /// @throws InterruptedException if the caller is interrupted; the tasks have ended then too
  public static <T> List<T> run(String name, List<? extends Callable<T>> tasks, Deadline deadline)
      throws IOException, InterruptedException {
    ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name(name + "-", 0).factory());
    try (executor) {
      CompletionService<T> done = new ExecutorCompletionService<>(executor);
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<T> task : tasks) {
        futures.add(done.submit(task));
      }
      try {
        for (int i = 0; i < tasks.size(); i++) {
          Future<T> next = done.poll(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
          if (next == null) {
            throw deadline.passed();
          }
          next.get();
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
          results.add(future.get());
        }
        return results;
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException failure -> throw failure;
          case IOException failure -> throw failure;
          case Error failure -> throw failure;
          case null, default -> throw new IllegalStateException(e);
        }
      } finally {
        futures.forEach(future -> future.cancel(/* mayInterruptIfRunning= */ true));
      }
    }
  }
}
