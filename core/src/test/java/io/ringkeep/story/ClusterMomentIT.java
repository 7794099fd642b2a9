package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.model.Slot;
import io.ringkeep.recover.LogEvent;
import io.ringkeep.recover.LogEvents;
import io.ringkeep.recover.Recovery;
import io.ringkeep.recover.RecoveryPlan;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.Timelines;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.status.Status;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/// A cluster that was archived comes back as it was at any moment, onto any shape.
class ClusterMomentIT {
  private static final int MOMENTS = "full".equals(System.getProperty("ringkeep.proof")) ? 200 : 3;
  private static final int SHARDS = 3;

  @TempDir Path spool;

  private static RecoveryPlan plan(Story story, Engine engine, String target, RecoveryTarget moment)
      throws Exception {
    RestoreRequest request = Story.restoreRequest(target, Existing.REPLACE, Loader.AUTO);
    return Recovery.plan(
        request,
        moment,
        Timelines.NEWEST,
        Optional.of(engine.server()),
        story.repository(),
        Story.CLOCK);
  }

  private static void restore(Story story, RecoveryPlan plan) throws Exception {
    Recovery.run(plan, story.repository(), Story.CLOCK, Progress.silent());
  }

  private static CacheHistory history(Story story) {
    try {
      return CacheHistory.of(story.repository(), "default");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean healthy(Story story) {
    try {
      return history(story).shards().size() == SHARDS
          && history(story).spans().size() == 1
          && Status.of(story.repository(), Optional.empty(), Story.CLOCK).getFirst().healthy();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A list whose slot lies in a shard's share at the start.
  private static String key(int shard) {
    for (int i = 0; ; i++) {
      String key = "counters:" + i;
      int slot = Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
      if (slot * SHARDS / Slot.COUNT == shard) {
        return key;
      }
    }
  }

  /// Appends the server's time to the list of one shard until it is closed, and notes what was
  /// acknowledged.
  private static final class Journal implements AutoCloseable {
    private static final String APPEND =
        "local t=redis.call('TIME'); local n=string.format('%.0f', t[1]*1000000+t[2]);"
            + " redis.call('RPUSH', KEYS[1], n); return n";

    final String key;
    final List<Long> acknowledged = Collections.synchronizedList(new ArrayList<>());
    private final Thread thread;
    private volatile boolean closed;

    Journal(TestCluster cluster, int shard) {
      key = key(shard);
      int slot = Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
      thread =
          Thread.ofVirtual()
              .start(() -> {
                while (!closed) {
                  try (Jedis client = cluster.owner(slot).client()) {
                    while (!closed) {
                      String time = Raw.text(Raw.call(client, "EVAL", APPEND, "1", key));
                      acknowledged.add(Long.parseLong(time));
                      Thread.sleep(1);
                    }
                  } catch (JedisException e) {
                    // The slot has another owner now.
                  } catch (InterruptedException e) {
                    return;
                  }
                }
              });
    }

    @Override
    public void close() {
      closed = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Writers put the server's time into every shard while one fails over and the archiver is away
  /// for a while: at any moment each shard holds a prefix, nothing later than the moment, and
  /// everything earlier by more than the bound that the plan prints.
  @Test
  void times_onEveryShard_holdWhatWasWrittenByThen() throws Exception {
    Engine engine = Engines.redis70();
    long seed = Seeds.seed("ClusterMomentIT");
    Random random = new Random(seed);
    try (TestCluster cluster =
            TestCluster.builder(engine).primaries(SHARDS).replicasOfEach(1).start();
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      List<Journal> journals = new ArrayList<>();
      CacheHistory.Span span;
      try {
        for (int shard = 0; shard < SHARDS; shard++) {
          journals.add(new Journal(cluster, shard));
        }
        try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
          archiving.await("health", () -> healthy(story));
          cluster.failOver(cluster.replicasOf(cluster.owner(0)).getFirst());
          Thread.sleep(1_500);
        }
        Thread.sleep(700);
        try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
          archiving.await("health after a restart", () -> healthy(story));
          Thread.sleep(1_500);
          span = history(story).spans().getFirst();
        }
      } finally {
        journals.forEach(Journal::close);
      }
      long micros = ChronoUnit.MICROS.between(span.from(), span.until());
      for (int i = 0; i < MOMENTS; i++) {
        Instant asked = span.from().plus(random.nextLong(micros), ChronoUnit.MICROS);
        RecoveryPlan plan = plan(story, engine, target.uri(), new RecoveryTarget.At(asked));
        assertThat(plan.cuts()).hasSize(SHARDS);
        restore(story, plan);
        Duration bound =
            plan.cuts().stream()
                .map(cut -> cut.cut().bound().orElseThrow())
                .max(Duration::compareTo)
                .orElseThrow();
        for (Journal journal : journals) {
          List<Long> there =
              Raw.list(target.call("LRANGE", journal.key, "0", "-1")).stream()
                  .map(value -> Long.parseLong(Raw.text(value)))
                  .toList();
          List<Long> written = journal.acknowledged;
          assertThat(there)
              .as("%s at %s", journal.key, asked)
              .isEqualTo(written.subList(0, there.size()));
          assertThat(at(there.getLast())).isBeforeOrEqualTo(asked);
          assertThat(at(written.get(there.size()))).isAfterOrEqualTo(asked.minus(bound));
        }
      }
    }
  }

  private static Instant at(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /// A FLUSHALL on every shard is one event, and what was there before it comes back, onto a
  /// cluster of another size as well.
  @Test
  void flushall_onEveryShard_isOneEventAndUndone() throws Exception {
    Engine engine = Engines.newest();
    try (TestCluster cluster = TestCluster.start(engine, SHARDS);
        TestCluster other = TestCluster.start(engine, 2);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
      archiving.await("health", () -> healthy(story));
      for (int shard = 0; shard < SHARDS; shard++) {
        TestServer owner = cluster.servers().get(shard);
        String key = key(shard);
        for (int i = 0; i < 50; i++) {
          owner.call("SET", "{" + key + "}:" + i, "value " + i);
        }
        owner.call("SET", "{" + key + "}:expiring", "soon", "PX", "600000");
      }
      for (TestServer owner : cluster.servers()) {
        owner.call("FLUSHALL");
      }
      for (TestServer owner : cluster.servers()) {
        archiving.awaitCaughtUp(owner);
      }
      archiving.await("times", () -> events(story).stream().allMatch(e -> e.time().isPresent()));
      List<LogEvent> events = events(story);
      assertThat(events).hasSize(1);
      assertThat(events.getFirst().shards()).hasSize(SHARDS);
      RecoveryTarget moment =
          RecoveryTarget.parse(
              "before:" + events.getFirst().id(), Instant.EPOCH, text -> Duration.ZERO);

      RecoveryPlan plan = plan(story, engine, target.uri(), moment);
      assertThat(plan.cuts())
          .allSatisfy(
              cut -> assertThat(cut.cut().firstDropped().orElseThrow()).startsWith("FLUSHALL"));
      restore(story, plan);
      assertThat(Raw.number(target.call("DBSIZE"))).isEqualTo(SHARDS * 51L);

      restore(story, plan(story, engine, other.uri(), moment));
      long keys = 0;
      for (TestServer primary : other.primaries()) {
        keys += Raw.number(primary.call("DBSIZE"));
      }
      assertThat(keys).isEqualTo(SHARDS * 51L);
    }
  }

  private static List<LogEvent> events(Story story) {
    try {
      return LogEvents.of(history(story), 100);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
