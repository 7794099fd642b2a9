package io.ringkeep.story;

import io.ringkeep.archive.Archive;
import io.ringkeep.archive.ArchiveRequest;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.task.NotedProgress;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// An archiver beside the test, as `ringkeep archive` runs it, until it is closed.
final class Archiving implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Story story;
  private final Thread thread;
  private final Queue<String> notes = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private Archiving(Story story, ArchiveRequest request) {
    this.story = story;
    Progress progress = NotedProgress.to(notes::add);
    thread =
        Thread.ofPlatform()
            .name("archive")
            .start(() -> {
              try {
                Archive.run(request, story.repository(), Story.CLOCK, progress);
              } catch (InterruptedException e) {
                // This is how it ends.
              } catch (IOException | RuntimeException | Error e) {
                failure.set(e);
              }
            });
  }

  static Archiving of(Story story, String source, Path spool) {
    return of(story, source, spool, 256 << 20, /* takeBase= */ true);
  }

  static Archiving of(Story story, ArchiveRequest request) {
    return new Archiving(story, request);
  }

  /// One that also rolls its snapshots forward.
  static Archiving of(
      Story story, String source, Path spool, Optional<ArchiveRequest.Synthetic> synthetic) {
    return of(story, source, spool, 256 << 20, /* takeBase= */ true, synthetic);
  }

  static Archiving of(Story story, String source, Path spool, long spoolBytes, boolean takeBase) {
    return of(story, source, spool, spoolBytes, takeBase, Optional.empty());
  }

  private static Archiving of(
      Story story,
      String source,
      Path spool,
      long spoolBytes,
      boolean takeBase,
      Optional<ArchiveRequest.Synthetic> synthetic) {
    return new Archiving(story, request(story, source, spool, spoolBytes, takeBase, synthetic));
  }

  static ArchiveRequest request(Story story, String source, Path spool) {
    return request(story, source, spool, 256 << 20, /* takeBase= */ true, Optional.empty());
  }

  private static ArchiveRequest request(
      Story story,
      String source,
      Path spool,
      long spoolBytes,
      boolean takeBase,
      Optional<ArchiveRequest.Synthetic> synthetic) {
    return new ArchiveRequest(
        story.request(source),
        spool,
        spoolBytes,
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        16 << 20,
        takeBase,
        synthetic);
  }

  /// What it has said so far.
  List<String> notes() {
    return List.copyOf(notes);
  }

  /// Waits until the log holds what the server has written, and stands on a base.
  Archiving awaitCaughtUp(TestServer server) throws Exception {
    long offset = server.offset();
    String replid = server.info("replication").get("master_replid");
    await(
        "offset " + offset,
        () ->
            windows().stream()
                .anyMatch(window ->
                    window.restorable()
                        && window.stretch().replid().equals(replid)
                        && window.stretch().end() >= offset));
    return this;
  }

  /// Those of all shards.
  List<ShardWindow> windows() {
    try {
      return ShardHistory.of(story.repository(), "default").stream()
          .flatMap(shard -> shard.windows().stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void await(String what, BooleanSupplier reached) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!reached.getAsBoolean()) {
      Throwable failed = failure.get();
      if (failed != null) {
        throw new AssertionError("the archiver failed", failed);
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not reached: %s; it said %s".formatted(what, notes));
      }
      Thread.sleep(20);
    }
  }

  /// Ends it as a signal would.
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
