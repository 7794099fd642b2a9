package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Slot;
import io.ringkeep.recover.CacheHistory;
import io.ringkeep.recover.LogEvent;
import io.ringkeep.recover.LogEvents;
import io.ringkeep.recover.Recovery;
import io.ringkeep.recover.RecoveryPlan;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.status.Status;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TcpRelay;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
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
        request, moment, Optional.of(engine.server()), story.repository(), Story.CLOCK);
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
          && !history(story).spans().isEmpty()
          && Status.of(story.repository(), Optional.empty(), Story.CLOCK).getFirst().healthy();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A list whose slot lies in a shard's share at the start.
  private static String key(int shard) {
    for (int i = 0; ; i++) {
      String key = "counters:" + i;
      if (slot(key) * SHARDS / Slot.COUNT == shard) {
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
      int slot = slot(key);
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

  /// Writers put the server's time into every shard while one fails over, twice, the second time
  /// because its primary is killed; while the way to a server is cut, a slot moves to another
  /// shard, and the archiver is away for a while. At any moment each list is a prefix of what was
  /// written, but for what the dead primary had told nobody; it has nothing later than the moment,
  /// and everything earlier by more than the bound that the plan prints.
  @Test
  void times_onEveryShard_holdWhatWasWrittenByThen() throws Exception {
    Engine engine = Engines.redis70();
    Random random = new Random(Seeds.seed("ClusterMomentIT"));
    try (TestCluster cluster =
            TestCluster.builder(engine).primaries(SHARDS).replicasOfEach(1).start();
        TcpRelay relay = TcpRelay.to(cluster.replicasOf(cluster.servers().get(1)).getFirst());
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      announce(cluster, cluster.replicasOf(cluster.servers().get(1)).getFirst(), relay);
      List<Journal> journals = new ArrayList<>();
      List<CacheHistory.Span> spans;
      Instant killed;
      try {
        for (int shard = 0; shard < SHARDS; shard++) {
          journals.add(new Journal(cluster, shard));
        }
        try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
          archiving.await("health", () -> healthy(story));
          cluster.failOver(cluster.replicasOf(cluster.owner(0)).getFirst());
          relay.refuse();
          Thread.sleep(1_500);
          relay.heal();
          Resharding.move(
              cluster, cluster.servers().get(2), cluster.servers().get(1), slot(key(2)));
          archiving.await("health after slots have moved", () -> healthy(story));
          Thread.sleep(1_000);
          cluster.owner(0).kill();
          killed = Story.CLOCK.instant();
          archiving.await("a primary of its slots again", () -> serves(cluster, key(0)));
          Thread.sleep(1_500);
        }
        Thread.sleep(700);
        try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
          archiving.await("health after a restart", () -> healthy(story));
          Thread.sleep(1_500);
          spans = history(story).spans();
        }
      } finally {
        journals.forEach(Journal::close);
      }
      Map<Journal, List<Long>> kept = new HashMap<>();
      for (Journal journal : journals) {
        List<Long> written = times(cluster.owner(slot(journal.key)), journal.key);
        List<Long> lost = new ArrayList<>(journal.acknowledged);
        lost.removeAll(Set.copyOf(written));
        assertThat(lost)
            .as(journal.key)
            .allSatisfy(time ->
                assertThat(at(time)).isBetween(killed.minus(Duration.ofSeconds(1)), killed));
        assertThat(lost.isEmpty() || journal == journals.getFirst()).isTrue();
        kept.put(journal, written);
      }
      for (int i = 0; i < MOMENTS; i++) {
        CacheHistory.Span span = spans.get(random.nextInt(spans.size()));
        long micros = ChronoUnit.MICROS.between(span.from(), span.until());
        Instant asked = span.from().plus(random.nextLong(micros), ChronoUnit.MICROS);
        RecoveryPlan plan = plan(story, engine, target.uri(), new RecoveryTarget.At(asked));
        assertThat(plan.cuts()).hasSize(SHARDS);
        restore(story, plan);
        Duration bound = plan.moment().bound();
        for (Journal journal : journals) {
          List<Long> there = times(target, journal.key);
          List<Long> written = kept.getOrDefault(journal, List.of());
          assertThat(there)
              .as("%s at %s", journal.key, asked)
              .isEqualTo(written.subList(0, there.size()));
          assertThat(at(there.getLast())).isBeforeOrEqualTo(asked);
          assertThat(at(written.get(there.size()))).isAfterOrEqualTo(asked.minus(bound));
        }
      }
    }
  }

  /// Clients, the archiver among them, are told to reach a server by way of a relay.
  private static void announce(TestCluster cluster, TestServer server, TcpRelay relay)
      throws InterruptedException {
    server.call("CONFIG", "SET", "cluster-announce-port", Integer.toString(relay.port()));
    for (TestServer other : cluster.servers()) {
      other.call("CONFIG", "SET", "cluster-node-timeout", "1500");
      while (!other.text("CLUSTER", "NODES").contains(":" + relay.port() + "@")) {
        Thread.sleep(20);
      }
    }
  }

  private static int slot(String key) {
    return Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
  }

  private static boolean serves(TestCluster cluster, String key) {
    TestServer owner = cluster.owner(slot(key));
    return owner.isAlive() && Raw.number(owner.call("EXISTS", key)) == 1;
  }

  private static List<Long> times(TestServer server, String key) {
    return Raw.list(server.call("LRANGE", key, "0", "-1")).stream()
        .map(value -> Long.parseLong(Raw.text(value)))
        .toList();
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
