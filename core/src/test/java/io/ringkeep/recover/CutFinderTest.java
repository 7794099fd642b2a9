package io.ringkeep.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.history.Base;
import io.ringkeep.history.Marks;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.history.TestBases;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CutFinderTest {
  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final String REPLID = "a".repeat(40);
  private static final String SET = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
  private static final String MULTI = "*1\r\n$5\r\nMULTI\r\n";
  private static final String EXEC = "*1\r\n$4\r\nEXEC\r\n";

  private final AtomicLong reads = new AtomicLong();

  private ObjectStore counting() {
    MemoryStore store = new MemoryStore();
    return (ObjectStore)
        Proxy.newProxyInstance(
            ObjectStore.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (_, method, arguments) -> {
              if (method.getName().equals("read")) {
                reads.incrementAndGet();
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Mark sample(long offset, Instant time) {
    return new Mark(Mark.Kind.SAMPLE, offset, Marks.micros(time), 0, "run");
  }

  /// Redis 6.0 answers a sample when it has passed the sample's own `MULTI` on.
  @Test
  void find_timeOfASampleInItsOwnTransaction_isCutBeforeIt() throws IOException {
    Repository repository =
        Repository.init(counting(), InitOptions.unencrypted(), Optional.empty(), Clock.systemUTC());
    ShardLog log = repository.log("c", "shard");
    String stream = SET + MULTI + EXEC + SET;
    Instant asked = START.plusSeconds(1);
    try (LogWriter writer = log.begin(REPLID, 0, StreamState.INITIAL)) {
      writer.append(
          new LogWriter.Draft(
              stream.length(),
              StreamState.INITIAL,
              START,
              START.plusSeconds(2),
              "Redis 6.0.16",
              List.of(
                  sample(0, START),
                  sample(SET.length() + MULTI.length(), asked),
                  sample(stream.length(), START.plusSeconds(2)))),
          Channels.newChannel(
              new ByteArrayInputStream(stream.getBytes(StandardCharsets.US_ASCII))));
    }
    Stretch stretch = log.stretches().getFirst();
    Base base = TestBases.of("3f9a1c0b22de", START, "standalone", "shard", REPLID, 0);
    ShardHistory history =
        new ShardHistory(
            log,
            List.of(
                new ShardWindow(
                    stretch, List.of(base), Optional.of(START), Optional.of(START.plusSeconds(2)))),
            List.of(),
            Optional.empty(),
            Optional.empty());

    Marks marks = new Marks(log, stretch);
    long before = reads.get();
    Mark mark = marks.lastBy(Marks.micros(asked)).orElseThrow();
    marks.notBefore(mark.offset());
    Surroundings.of(log, stretch, mark.offset());
    long once = reads.get() - before;
    Cut cut = new CutFinder(history, OptionalInt.empty()).find(new RecoveryTarget.At(asked));
    assertThat(reads.get() - before - once)
        .as("reads of the store: the log is looked through once")
        .isEqualTo(once);

    assertThat(cut.offset()).isEqualTo(SET.length());
    assertThat(cut.executedBy()).contains(asked);
    assertThat(cut.bound()).contains(Duration.ZERO);
    assertThat(cut.lastKept()).contains("SET k v");
    assertThat(cut.firstDropped()).contains("SET k v");
  }
}
