package io.ringkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ringkeep.redis.Endpoint;
import io.ringkeep.repository.Repository;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import io.ringkeep.task.NotedProgress;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No thread of an archive is missing without anybody knowing.
class ArchiveThreadsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private final LinkedBlockingQueue<String> notes = new LinkedBlockingQueue<>();

  @Test
  void receiver_endsByAnError_endsTheArchive() throws Exception {
    ShardFinder broken =
        new ShardFinder() {
          @Override
          public Found find() {
            throw new OutOfMemoryError("as an example");
          }

          @Override
          public boolean moved(Endpoint primary, boolean silent) {
            return false;
          }
        };
    try (Repository repository = ShipperTest.repository(new MemoryStore())) {
      ShardArchiver archiver =
          new ShardArchiver(
              ShipperTest.request(folder, Optional.empty()),
              repository,
              "0",
              broken,
              Clock.systemUTC(),
              NotedProgress.to(notes::add));
      assertTimeoutPreemptively(
          PATIENCE, () -> assertThatThrownBy(archiver::run).isInstanceOf(OutOfMemoryError.class));
    }
  }

  @Test
  void baseTaker_meetsABug_saysSoAndTriesAgain() throws Exception {
    try (Repository repository = ShipperTest.repository(new MemoryStore())) {
      Thread thread =
          new BaseTaker(
                  ShipperTest.request(folder, Optional.empty()),
                  repository,
                  () -> {
                    throw new IllegalStateException("as an example");
                  },
                  Clock.systemUTC(),
                  NotedProgress.to(notes::add))
              .start()
              .orElseThrow();
      assertSaysAndLives(thread, "no base yet: java.lang.IllegalStateException: as an example");
    }
  }

  @Test
  void syntheticTaker_meetsABug_saysSoAndTriesAgain() throws Exception {
    MemoryStore store = new MemoryStore();
    boolean[] broken = new boolean[1];
    ObjectStore sometimes =
        (ObjectStore)
            Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> {
                  if (broken[0]) {
                    throw new IllegalStateException("as an example");
                  }
                  try {
                    return method.invoke(store, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    try (Repository repository = ShipperTest.repository(sometimes)) {
      broken[0] = true;
      Thread thread =
          new SyntheticTaker(
                  ShipperTest.request(
                      folder,
                      Optional.of(
                          new ArchiveRequest.Synthetic(Duration.ofHours(1), Optional.empty()))),
                  repository,
                  Clock.systemUTC(),
                  NotedProgress.to(notes::add))
              .start()
              .orElseThrow();
      assertSaysAndLives(
          thread, "no synthetic base now: java.lang.IllegalStateException: as an example");
      broken[0] = false;
    }
  }

  /// Its stopwatch stands still while a host sleeps.
  @Test
  void syntheticTaker_hasHoursLeft_looksAtTheClockEachMinute() {
    assertThat(SyntheticTaker.nap(Duration.ofHours(3))).isEqualTo(Duration.ofMinutes(1));
    assertThat(SyntheticTaker.nap(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(3));
  }

  private void assertSaysAndLives(Thread thread, String note) throws InterruptedException {
    assertThat(notes.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(note);
    assertThat(thread.isAlive()).isTrue();
    thread.interrupt();
    thread.join();
    assertThat(List.copyOf(notes)).isEmpty();
  }
}
