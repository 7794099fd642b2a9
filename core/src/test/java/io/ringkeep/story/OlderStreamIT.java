package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.archive.Archive;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.SegmentName;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.restore.Loader;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.testkit.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// Servers before 7.0, whose stream says how long keys live instead of until when.
class OlderStreamIT {
  private static final long HOUR = 3_600_000;
  private static final int DATABASE = 3;

  /// What two commands of one transaction may say differently.
  private static final long TICK = 5;

  /// How much later an end may lie: an interval between marks and a sample's round trip, in
  /// milliseconds on a busy machine.
  private static final long LATER = 3_000;

  private static final String LONG_KEY = "expiring:" + "long".repeat(200);

  /// Each gives its key an hour.
  private static final Map<String, List<String>> HOURS =
      new TreeMap<>(
          Map.of(
              "expiring:setex",
              List.of("SETEX", "expiring:setex", "3600", "v"),
              "expiring:psetex",
              List.of("PSETEX", "expiring:psetex", "3600000", "v"),
              "expiring:ex",
              List.of("SET", "expiring:ex", "v", "EX", "3600"),
              "expiring:px",
              List.of("SET", "expiring:px", "v", "NX", "PX", "3600000"),
              "expiring:expire",
              List.of("EXPIRE", "expiring:expire", "3600"),
              "expiring:pexpire",
              List.of("PEXPIRE", "expiring:pexpire", "3600000"),
              "expiring:script",
              List.of("EVAL", "redis.call('SETEX', KEYS[1], 3600, 'v')", "1", "expiring:script"),
              LONG_KEY,
              List.of("SETEX", LONG_KEY, "3600", "v")));

  @TempDir Path spool;

  static Stream<Engine> engines() {
    return Stream.concat(Engines.redis60().stream(), Stream.of(Engines.redis62())).distinct();
  }

  /// An end that counted from the replay on would lie behind the time at which the log was read.
  @ParameterizedTest
  @MethodSource("engines")
  void moment_ofAServerThatSaysHowLongKeysLive_endsThemWhenTheyEnded(Engine engine)
      throws Exception {
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        TestServer newer = TestServer.start(Engines.newest());
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
      long begun = now(source);
      write(source);
      archiving.awaitCaughtUp(source);
      long read = now(source);
      long offset = Long.parseLong(source.info("replication").get("master_repl_offset"));
      source.text("FLUSHALL");
      archiving.awaitCaughtUp(source);
      Waiting.until(() -> now(source) > read + LATER, Duration.ofSeconds(60), () -> "a later time");
      RecoveryTarget moment = new RecoveryTarget.Offset(offset);

      story.restoreTo(target, moment, Loader.REPLICATION, Optional.of(engine.server()));
      story.restoreTo(newer, moment, Loader.RESTORE, Optional.of(engine.server()));

      for (TestServer restored : List.of(target, newer)) {
        Map<String, Long> ends = ends(restored);
        assertThat(ends.keySet()).containsAll(HOURS.keySet()).contains("expiring:restored");
        assertThat(ends)
            .as("by %s, of %s", restored.engine(), engine)
            .allSatisfy((_, end) -> assertThat(end - HOUR).isBetween(begun - TICK, read + LATER));
        assertThat(restored.keys(0)).isEqualTo(1);
        assertThat(restored.text("GET", "lasting")).isEqualTo("v");
      }
    }
  }

  /// Redis 6.0 passes on the transaction in which it is asked for its time.
  @ParameterizedTest
  @MethodSource("engines")
  void times_thatTheServerWasAskedAt_areRestored(Engine engine) throws Exception {
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
      source.call("SET", "early", "v");
      archiving.awaitCaughtUp(source);
      Instant early = Instant.ofEpochMilli(now(source));
      archiving.await("three samples", () -> samples(story, early).size() >= 3);
      source.call("SET", "late", "v");
      archiving.awaitCaughtUp(source);

      for (Instant sample : samples(story, early).subList(0, 3)) {
        story.restoreTo(target, new RecoveryTarget.At(sample));
        assertThat(target.text("GET", "early")).as("%s", sample).isEqualTo("v");
        assertThat(target.keys(0)).as("%s", sample).isEqualTo(1);
      }
    }
  }

  /// When the server was asked for its time, from a moment on.
  private static List<Instant> samples(Story story, Instant from) {
    try {
      ShardLog log =
          ShardLog.shards(story.repository().store(), "default").stream()
              .map(name -> story.repository().log("default", name))
              .findFirst()
              .orElseThrow();
      List<Instant> samples = new ArrayList<>();
      for (SegmentName name : log.stretches().getLast().names()) {
        log.segment(name).marks().stream()
            .filter(mark -> mark.kind() == Mark.Kind.SAMPLE)
            .map(mark -> Instant.EPOCH.plus(mark.timeMicros(), ChronoUnit.MICROS))
            .filter(time -> time.isAfter(from))
            .forEach(samples::add);
      }
      return samples;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// It passes the stream on as its primary writes it.
  @Test
  void archive_fromAReplicaThatIsNewer_isOfItsPrimarysVersion() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis62());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(source).start();
        Story story = Story.inMemory()) {
      replica.awaitLinkUp();
      source.call("SET", "warm", "up");
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await(
            "a link to the replica",
            () -> archiving.notes().toString().contains("receiving: server=" + replica.address()));
        source.call("SETEX", "a", "3600", "v");
        archiving.awaitCaughtUp(source);
        ShardLog log = story.repository().log("default", "0");
        for (Stretch stretch : log.stretches()) {
          for (SegmentName name : stretch.names()) {
            assertThat(log.segment(name).engine()).startsWith("Redis 6.2.");
          }
        }
      }
    }
  }

  @Test
  void archive_ofAServerThatPassesScriptsOn_isRefused() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis62(), "lua-replicate-commands no");
        Story story = Story.inMemory()) {
      assertThatThrownBy(() ->
              Archive.run(
                  Archiving.request(story, source.uri(), spool),
                  story.repository(),
                  Story.CLOCK,
                  Progress.silent()))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("scripts")
          .hasMessageContaining(source.address());
    }
  }

  private static void write(TestServer source) {
    try (Jedis client = source.client()) {
      Raw.call(client, "SET", "lasting", "v");
      Raw.call(client, "SELECT", Integer.toString(DATABASE));
      Raw.call(client, "SET", "expiring:expire", "v");
      Raw.call(client, "SET", "expiring:pexpire", "v");
      Raw.call(client, "MULTI");
      HOURS.values().forEach(command -> Raw.call(client, command.toArray(String[]::new)));
      Raw.call(client, "EXEC");
      byte[] payload = client.dump("expiring:ex");
      client.restore("expiring:restored", HOUR, payload);
    }
  }

  private static long now(TestServer server) {
    return millis(Raw.list(server.call("TIME")));
  }

  private static long millis(List<Object> time) {
    return Long.parseLong(Raw.text(time.get(0))) * 1_000
        + Long.parseLong(Raw.text(time.get(1))) / 1_000;
  }

  /// When each key of the database ends, in milliseconds since 1970.
  private static Map<String, Long> ends(TestServer server) {
    Map<String, Long> ends = new TreeMap<>();
    try (Jedis client = server.client()) {
      Raw.call(client, "SELECT", Integer.toString(DATABASE));
      for (Object name : Raw.list(Raw.call(client, "KEYS", "*"))) {
        Raw.call(client, "MULTI");
        Raw.call(client, "PTTL", Raw.text(name));
        Raw.call(client, "TIME");
        List<Object> both = Raw.list(Raw.call(client, "EXEC"));
        ends.put(Raw.text(name), Raw.number(both.get(0)) + millis(Raw.list(both.get(1))));
      }
    }
    return ends;
  }
}
