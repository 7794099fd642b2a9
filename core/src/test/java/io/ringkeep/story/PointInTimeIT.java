package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.model.BackupException;
import io.ringkeep.recover.LogEvent;
import io.ringkeep.recover.LogEvents;
import io.ringkeep.recover.Recovery;
import io.ringkeep.recover.RecoveryPlan;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.Timelines;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Proof;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.status.Status;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TcpRelay;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// What was archived comes back as it was at any moment.
class PointInTimeIT {
  @TempDir Path spool;

  static Stream<Engine> engines() {
    return Engines.few().filter(Engine::hasFunctions);
  }

  private static RecoveryPlan plan(Story story, TestServer target, RecoveryTarget moment)
      throws Exception {
    return plan(story, target, moment, Timelines.NEWEST);
  }

  private static RecoveryPlan plan(
      Story story, TestServer target, RecoveryTarget moment, Timelines timelines) throws Exception {
    RestoreRequest plain = Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.AUTO);
    return Recovery.plan(
        new RestoreRequest(
            plain.cache(),
            plain.snapshot(),
            plain.target(),
            plain.connection(),
            plain.existing(),
            plain.loader(),
            Proof.STREAM,
            plain.advertise(),
            plain.timeout()),
        moment,
        timelines,
        Optional.empty(),
        story.repository(),
        Story.CLOCK);
  }

  private static void restore(Story story, TestServer target, RecoveryTarget moment)
      throws Exception {
    Recovery.run(plan(story, target, moment), story.repository(), Story.CLOCK, Progress.silent());
  }

  private static List<LogEvent> events(Story story) throws Exception {
    return LogEvents.of(CacheHistory.of(story.repository(), "default"), 100).events();
  }

  /// `MULTI; DEBUG DIGEST; FLUSHALL; EXEC` amid writers: what the digest was comes back.
  @ParameterizedTest
  @MethodSource("engines")
  void flushall_amidWriters_isListedAndUndoneExactly(Engine engine) throws Exception {
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      source.call("SET", "before", "the archive");
      archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      String digest;
      try (Writer writer = Writer.to(source, 3);
          Jedis client = source.client()) {
        archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
        long written = writer.written();
        archiving.await("more writes", () -> writer.written() > written + 500);
        Raw.call(client, "MULTI");
        Raw.call(client, "DEBUG", "DIGEST");
        Raw.call(client, "FLUSHALL");
        digest = Raw.text(Raw.list(Raw.call(client, "EXEC")).getFirst());
        long flushed = writer.written();
        archiving.await("writes behind it", () -> writer.written() > flushed + 100);
      }
      archiving.awaitCaughtUp(source);

      List<LogEvent> events = events(story);
      assertThat(events).hasSize(1);
      LogEvent flush = events.getFirst();
      assertThat(flush.command()).startsWith("FLUSHALL");
      assertThat(flush.time()).isPresent();
      RecoveryTarget moment =
          RecoveryTarget.parse("before:" + flush.id(), Instant.EPOCH, text -> Duration.ZERO);
      RecoveryPlan plan = plan(story, target, moment);
      assertThat(plan.cut().firstDropped().orElseThrow()).startsWith("FLUSHALL");
      assertThat(plan.cut().lastKept().orElseThrow()).startsWith("SET written:");
      restore(story, target, moment);
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digest);
      assertThat(Status.of(story.repository(), Optional.empty(), Story.CLOCK).getFirst().findings())
          .isEmpty();
    }
  }

  /// Every offset that a client saw is a moment: with transactions, several databases, expiries,
  /// scripts, functions and a cut link in between.
  @Test
  void offsets_ofAnyCommand_areExact() throws Exception {
    Engine engine = Engines.newest();
    try (TestServer source = TestServer.start(engine);
        TcpRelay relay = TcpRelay.to(source);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      List<Long> offsets = new ArrayList<>();
      List<String> digests = new ArrayList<>();
      source.call("SET", "base", "0");
      Path folder = spool;
      try (Jedis client = source.client()) {
        for (int run = 0; run < 2; run++) {
          try (Archiving archiving = Archiving.of(story, "redis://" + relay.address(), folder)) {
            archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
            source.call("SET", "run", Integer.toString(run));
            archiving.awaitCaughtUp(source);
            for (int i = 0; i < 20; i++) {
              change(client, i);
              offsets.add(source.offset());
              digests.add(source.text("DEBUG", "DIGEST"));
              if (i == 10) {
                relay.cut();
              }
            }
            archiving.awaitCaughtUp(source);
          }
          // While nobody archives.
          change(client, 100 + run);
          offsets.add(source.offset());
          digests.add(source.text("DEBUG", "DIGEST"));
        }
        try (Archiving archiving = Archiving.of(story, "redis://" + relay.address(), folder)) {
          archiving.awaitCaughtUp(source);
          assertThat(archiving.windows()).hasSize(1);
        }
      }
      for (int i = 0; i < offsets.size(); i += 12) {
        restore(story, target, new RecoveryTarget.Offset(offsets.get(i)));
        assertThat(target.text("DEBUG", "DIGEST"))
            .as("offset %s", offsets.get(i))
            .isEqualTo(digests.get(i));
      }
      // In the middle of a command nothing of it is there.
      restore(story, target, new RecoveryTarget.Offset(offsets.get(5) - 1));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digests.get(4));
      assertThat(events(story))
          .extracting(LogEvent::command)
          .anyMatch(text -> text.startsWith("SWAPDB"));
    }
  }

  private static void change(Jedis client, int i) {
    Raw.call(client, "SELECT", Integer.toString(i % 4));
    switch (i % 10) {
      case 0 -> Raw.call(client, "SET", "expiring:" + i, "v", "EX", "10000");
      case 1 -> {
        Raw.call(client, "MULTI");
        Raw.call(client, "INCR", "counter");
        Raw.call(client, "SELECT", "9");
        Raw.call(client, "RPUSH", "list", "a", "b", Integer.toString(i));
        Raw.call(client, "EXEC");
      }
      case 2 ->
          Raw.call(
              client, "EVAL", "redis.call('SET','x',ARGV[1]); redis.call('INCR','y')", "0", "1");
      case 3 -> Raw.call(client, "SWAPDB", "0", "1");
      case 4 -> Raw.call(client, "XADD", "stream", "*", "f", Integer.toString(i));
      case 5 -> Raw.call(client, "SADD", "set", "a", "b", "c" + i);
      case 6 -> Raw.call(client, "SPOP", "set");
      case 7 -> Raw.call(client, "INCRBYFLOAT", "float", "0.1");
      case 8 -> Raw.call(client, "SETRANGE", "large", Integer.toString(300_000 + i), "end");
      case 9 -> {
        Raw.call(client, "SELECT", Integer.toString((i - 1) % 4));
        Raw.call(client, "RENAME", "large", "moved:" + i);
      }
      default -> throw new IllegalArgumentException();
    }
  }

  /// By time: nothing that the server did later, everything that it did earlier by more than the
  /// bound that the plan prints.
  @Test
  void times_ofTheServersClock_keepWhatTheyPromise() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      List<Long> written = new ArrayList<>();
      Instant first;
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        source.call("SET", "a", "b");
        archiving.awaitCaughtUp(source);
        archiving.await("a time", () -> archiving.windows().getFirst().from().isPresent());
        first = archiving.windows().getFirst().from().orElseThrow();
        long end = System.nanoTime() + Duration.ofMillis(2_500).toNanos();
        while (System.nanoTime() < end) {
          written.add(
              Raw.number(
                  source.call(
                      "EVAL",
                      "local t=redis.call('TIME'); local n=t[1]*1000000+t[2];"
                          + " redis.call('RPUSH','times',string.format('%.0f',n)); return n",
                      "0")));
        }
        Thread.sleep(1_200);
        archiving.awaitCaughtUp(source);
      }
      for (int i = 1; i < 6; i += 2) {
        Instant asked = Instant.EPOCH.plus(written.get(written.size() * i / 6), ChronoUnit.MICROS);
        RecoveryTarget moment = new RecoveryTarget.At(asked);
        RecoveryPlan plan = plan(story, target, moment);
        restore(story, target, moment);
        List<Long> there =
            Raw.list(target.call("LRANGE", "times", "0", "-1")).stream()
                .map(value -> Long.parseLong(Raw.text(value)))
                .toList();
        assertThat(there).isEqualTo(written.subList(0, there.size()));
        assertThat(there).allMatch(time -> time <= ChronoUnit.MICROS.between(Instant.EPOCH, asked));
        Duration bound = plan.cut().bound().orElseThrow();
        assertThat(bound).isLessThan(Duration.ofSeconds(10));
        assertThat(Instant.EPOCH.plus(written.get(there.size()), ChronoUnit.MICROS))
            .isAfterOrEqualTo(asked.minus(bound));
      }
      BackupException.NotFound early =
          catchThrowableOfType(
              BackupException.NotFound.class,
              () -> plan(story, target, new RecoveryTarget.At(first.minusSeconds(1))));
      assertThat(early).hasMessageContaining("before the first base");
      BackupException.NotFound late =
          catchThrowableOfType(
              BackupException.NotFound.class,
              () -> plan(story, target, new RecoveryTarget.At(Instant.now().plusSeconds(60))));
      assertThat(late.hint().orElseThrow()).contains(first.toString());
    }
  }

  /// The log goes over to the promoted replica and loses nothing; a primary restarted empty is a
  /// gap with a base of its own, and both sides of it come back.
  @Test
  void failoverAndEmptyRestart_joinAndPart() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start();
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      String source = primary.uri() + "," + replica.address();
      try (Archiving archiving = Archiving.of(story, source, spool)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        Jedis client = primary.client();
        Raw.call(client, "SELECT", "3");
        Raw.call(client, "SET", "k", "1");
        archiving.awaitCaughtUp(primary);
        Raw.call(client, "SET", "k", "2".repeat(10_000));
        primary.awaitReplicas(1);
        client.close();
        String digest = primary.text("DEBUG", "DIGEST");
        long before = primary.offset();
        archiving.awaitCaughtUp(primary);
        primary.kill();
        replica.call("REPLICAOF", "NO", "ONE");
        replica.call("SET", "after", "failover");
        long end = replica.offset();
        archiving.awaitCaughtUp(replica);
        assertThat(archiving.windows()).hasSize(1);
        assertThat(archiving.windows().getFirst().stretch().replids()).hasSize(2);
        String after = replica.text("DEBUG", "DIGEST");
        restore(story, target, new RecoveryTarget.Offset(before));
        assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digest);
        restore(story, target, new RecoveryTarget.Offset(end));
        assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(after);

        replica.kill();
        replica.start();
        replica.call("REPLICAOF", "NO", "ONE");
        replica.call("SET", "anew", "1");
        archiving.await("another window", () -> archiving.windows().size() == 2);
        archiving.awaitCaughtUp(replica);
        assertThat(ShardHistory.of(story.repository(), "default").getFirst().gaps()).hasSize(1);
        assertThat(events(story)).isEmpty();

        // It counts its bytes anew, so that both have this offset.
        replica.call("SET", "anew", "2".repeat(20_000));
        archiving.awaitCaughtUp(replica);
        restore(story, target, new RecoveryTarget.Offset(end));
        assertThat(target.text("GET", "anew")).isEqualTo("1");
        RecoveryPlan older =
            plan(story, target, new RecoveryTarget.Offset(end), new Timelines(Map.of("", 1)));
        assertThat(older.cut().branch().others()).containsExactly(2);
        Recovery.run(older, story.repository(), Story.CLOCK, Progress.silent());
        assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(after);
      }
    }
  }
}
