package io.ringkeep.redis.topology;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/// What came of looking at one server.
sealed interface Look {
  /// It answered.
  record Seen(Sighting sighting) implements Look {}

  /// It did not, or not to us.
  record Missed(Endpoint endpoint, String reason) implements Look {}

  /// Looks at one.
  static Look at(Endpoint endpoint, Optional<String> nodeId, ConnectionOptions options) {
    try {
      return new Seen(Sighting.of(endpoint, nodeId, options));
    } catch (BackupException e) {
      return new Missed(endpoint, String.valueOf(e.getMessage()));
    }
  }

  /// Looks at all of them at once, results in their order.
  static List<Look> atAll(Collection<Endpoint> endpoints, ConnectionOptions options) {
    return each(endpoints, endpoint -> at(endpoint, Optional.empty(), options));
  }

  /// Applies `task` to all of them at once, results in their order.
  static <T, R> List<R> each(Collection<T> items, Function<T, R> task) {
    try (ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("discover-", 0).factory())) {
      List<Future<R>> futures = new ArrayList<>();
      for (T item : items) {
        futures.add(executor.submit(() -> task.apply(item)));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException.Unavailable(
          "interrupted while looking at servers", "look again", e);
    }
  }

  /// The replica, no lag if it holds what its primary held when that was asked, which was before.
  ///
  /// The time since it last heard of its primary tells nothing by itself: an idle primary speaks
  /// once in `repl-ping-replica-period`, ten seconds.
  static Server judgeLag(Server replica, Server primary) {
    if (!replica.linkUp()) {
      return replica;
    }
    Duration second = Duration.ofSeconds(1);
    boolean caughtUp =
        replica.replid().equals(primary.replid()) && replica.offset() >= primary.offset();
    Duration behind = replica.lag().compareTo(second) < 0 ? second : replica.lag();
    return replica.withLag(caughtUp ? Duration.ZERO : behind);
  }
}
