package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.model.BackupException;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A cluster that was archived comes back as it was at any moment, onto any shape.
class ClusterMomentIT {
  private static final boolean FULL = "full".equals(System.getProperty("ringkeep.proof"));
  private static final int SHARDS = 3;
  private static final Duration EARLIER = Duration.ofSeconds(10);

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
      int slot = Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
      if (slot * SHARDS / Slot.COUNT == shard) {
        return key;
      }
    }
  }

  /// What is archived, how much happens to it, and how many moments of it are restored: before 7.0
  /// attaching is another matter, and so are the base, the expiries of the stream and its times. A
  /// replica of 6.0 takes a second for each step, so it has fewer moments.
  static Stream<Arguments> archived() {
    Stream<Arguments> always =
        Stream.of(
            Arguments.of(Engines.redis70(), FULL ? 20 : Trouble.values().length, FULL ? 200 : 3),
            Arguments.of(Engines.redis62(), FULL ? 20 : 2, FULL ? 200 : 3));
    return FULL
        ? Stream.concat(
            always, Engines.redis60().stream().map(engine -> Arguments.of(engine, 20, 50)))
        : always;
  }

  /// Writers put the server's time into every shard while shards fail over, primaries are killed,
  /// links are cut, slots are moved and the archiver is away: at any moment that all shards have,
  /// each list has nothing later than the moment, everything that was acknowledged earlier by more
  /// than the bound that the plan prints, and no hole. What died with a primary is all that lacks.
  @ParameterizedTest
  @MethodSource("archived")
  void times_onEveryShard_holdWhatWasWrittenByThen(Engine engine, int count, int moments)
      throws Exception {
    Random random = new Random(Seeds.seed("ClusterMomentIT"));
    List<Trouble> troubles = new ArrayList<>(List.of(Trouble.values()));
    Collections.shuffle(troubles, random);
    while (troubles.size() < count) {
      troubles.add(Trouble.values()[random.nextInt(Trouble.values().length)]);
    }
    troubles.subList(count, troubles.size()).clear();
    System.out.println("ClusterMomentIT: %s %s".formatted(engine, troubles));
    try (TestCluster cluster =
            TestCluster.builder(engine).primaries(SHARDS).replicasOfEach(1).start();
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      List<Counters> counters = new ArrayList<>();
      List<Instant> deaths = new ArrayList<>();
      try {
        for (int shard = 0; shard < SHARDS; shard++) {
          counters.add(Counters.of(cluster, shard, SHARDS, /* edge= */ true));
          counters.add(Counters.of(cluster, shard, SHARDS, /* edge= */ false));
        }
        Archiving archiving = Archiving.of(story, cluster.uri(), spool);
        try {
          archiving.await("health", () -> healthy(story));
          for (Trouble trouble : troubles) {
            if (trouble == Trouble.ARCHIVER_AWAY) {
              archiving.close();
              goOn(archiving, counters);
              archiving = Archiving.of(story, cluster.uri(), spool);
            } else {
              deaths.addAll(bring(trouble, cluster, random));
            }
            goOn(archiving, counters);
            archiving.await("health after " + trouble, () -> healthy(story));
          }
        } finally {
          archiving.close();
        }
      } finally {
        counters.forEach(Counters::close);
      }
      counters.forEach(one -> one.requireLossesNear(deaths));
      List<CacheHistory.Span> spans = history(story).spans();
      int restored = 0;
      for (int i = 0; restored < moments; i++) {
        assertThat(i).as("moments that are refused at the start").isLessThan(20 * moments);
        // The last one is of the end, whatever gaps there are.
        CacheHistory.Span span = spans.get((spans.size() - 1 + i) % spans.size());
        long micros = ChronoUnit.MICROS.between(span.from(), span.until());
        Instant asked = span.from().plus(random.nextLong(micros + 1), ChronoUnit.MICROS);
        RecoveryPlan plan;
        try {
          plan = plan(story, engine, target.uri(), new RecoveryTarget.At(asked));
        } catch (BackupException.NotFound | BackupException.HistoryGap e) {
          // Who gave slots away is cut a little earlier, where there may be no base, or a gap.
          assertThat(asked).isBefore(span.from().plus(EARLIER));
          continue;
        }
        restored++;
        assertThat(plan.cuts()).hasSizeGreaterThanOrEqualTo(SHARDS);
        restore(story, plan);
        counters.forEach(one -> one.requireMoment(target, asked, plan.moment().bound()));
      }
      for (int i = 1; i < spans.size(); i++) {
        Instant between = spans.get(i - 1).until().plusNanos(1_000);
        if (between.isBefore(spans.get(i).from())) {
          assertThatThrownBy(
                  () -> plan(story, engine, target.uri(), new RecoveryTarget.At(between)))
              .isInstanceOfAny(BackupException.HistoryGap.class, BackupException.NotFound.class);
        }
      }
    }
  }

  /// What happens to a cluster while it is archived.
  private enum Trouble {
    FAILOVER,
    PRIMARY_KILLED,
    SLOTS_MOVED,
    LINKS_CUT,
    ARCHIVER_AWAY
  }

  /// @return when a primary was killed
  private static List<Instant> bring(Trouble trouble, TestCluster cluster, Random random) {
    List<TestServer> primaries = cluster.primaries();
    TestServer one = primaries.get(random.nextInt(primaries.size()));
    switch (trouble) {
      case FAILOVER -> cluster.failOver(cluster.replicasOf(one).getFirst());
      case PRIMARY_KILLED -> {
        TestServer replica = cluster.replicasOf(one).getFirst();
        one.kill();
        Instant death = Instant.now();
        // At once, instead of when the others have agreed that it is dead.
        replica.call("CLUSTER", "FAILOVER", "TAKEOVER");
        cluster.awaitOk();
        one.start();
        cluster.awaitOk();
        return List.of(death);
      }
      case SLOTS_MOVED -> {
        TestServer other = primaries.get((primaries.indexOf(one) + 1) % primaries.size());
        Resharding.moveEdges(cluster, one, other, 100);
      }
      case LINKS_CUT ->
          cluster.servers().forEach(server -> server.call("CLIENT", "KILL", "TYPE", "replica"));
      case ARCHIVER_AWAY -> throw new IllegalArgumentException("nothing happens to the cluster");
    }
    return List.of();
  }

  /// Until every list has grown by some.
  private static void goOn(Archiving archiving, List<Counters> counters)
      throws InterruptedException {
    List<Integer> before = counters.stream().map(Counters::count).toList();
    archiving.await(
        "writes",
        () ->
            IntStream.range(0, counters.size())
                .allMatch(i -> counters.get(i).count() > before.get(i) + 200));
  }

  static Stream<Engine> oldAndNew() {
    return Stream.concat(
        Stream.of(Engines.redis60(), Optional.of(Engines.redis62())).flatMap(Optional::stream),
        Stream.of(Engines.newest()));
  }

  /// A FLUSHALL on every shard is one event, and what was there before it comes back, onto a
  /// cluster of another size as well.
  @ParameterizedTest
  @MethodSource("oldAndNew")
  void flushall_onEveryShard_isOneEventAndUndone(Engine engine) throws Exception {
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
      long begun = System.currentTimeMillis();
      restore(story, plan);
      assertThat(Raw.number(target.call("DBSIZE"))).isEqualTo(SHARDS * 51L);
      for (int shard = 0; shard < SHARDS; shard++) {
        // Before 7.0 the log says how long it lives, and is replayed only now.
        long now = System.currentTimeMillis();
        long left = Raw.number(target.call("PTTL", "{" + key(shard) + "}:expiring"));
        assertThat(now + left).isBetween(now, begun + 600_000);
      }

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
      return LogEvents.of(history(story), 100).events();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
