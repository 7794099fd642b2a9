package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.State;
import io.ringkeep.lookup.KeyHistory.Unreadable;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.LogHistory;
import io.ringkeep.lookup.MomentLookup;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Slot;
import io.ringkeep.recover.Timelines;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.command.KeyDumps;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.log.SegmentName;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// One key between backups: each of its versions, as the server had it.
class KeyLogIT {
  private static final Duration MINUTES = Duration.ofMinutes(2);
  private static final String KEY = "cart:17";
  // So short that it is over when somebody looks, and so long that it is not when the key is
  // deleted.
  private static final Duration LIFE = Duration.ofSeconds(12);

  @TempDir Path spool;

  static Stream<Engine> engines() {
    return Engines.few().filter(Engine::hasFunctions);
  }

  private static KeyName key() {
    return new KeyName(0, ByteBuffer.wrap(KEY.getBytes(StandardCharsets.UTF_8)));
  }

  /// What the server itself says of the key; empty if it is not there.
  private static Optional<Fingerprint> held(Story story, TestServer server) {
    Engine engine = server.engine();
    EngineVersion version =
        EngineVersion.parse(
            EngineVersion.Product.valueOf(engine.product().name()),
            "%d.%d.%d".formatted(engine.major(), engine.minor(), engine.patch()));
    try (KeyDumps dumps =
        KeyDumps.open(
            new Endpoint(server.host(), server.port()),
            ConnectionOptions.DEFAULT,
            version,
            /* readOnly= */ false)) {
      return dumps.read(0, List.of(KEY.getBytes(StandardCharsets.UTF_8))).stream()
          .map(new RecordFingerprinter(story.repository().hashKey())::fingerprint)
          .findFirst();
    }
  }

  private static Optional<Fingerprint> fingerprint(State state) {
    return switch (state) {
      case Version version -> Optional.of(version.fingerprint());
      case Absent _ -> Optional.empty();
      case Unreadable unreadable -> throw new AssertionError(unreadable.reason());
    };
  }

  private static LogHistory.Result history(Story story, Optional<Path> engine, int most)
      throws Exception {
    return LogHistory.of(
        story.repository(),
        "default",
        key(),
        most,
        engine,
        MINUTES,
        Story.CLOCK,
        Progress.silent());
  }

  private static Optional<Fingerprint> at(Story story, Instant moment, Optional<Path> engine)
      throws Exception {
    return at(story, moment, engine, MINUTES);
  }

  private static Optional<Fingerprint> at(
      Story story, Instant moment, Optional<Path> engine, Duration timeout) throws Exception {
    return MomentLookup.get(
        story.repository(),
        "default",
        moment,
        Timelines.NEWEST,
        key(),
        engine,
        timeout,
        Story.CLOCK,
        Progress.silent(),
        found ->
            Optional.of(
                new RecordFingerprinter(story.repository().hashKey()).fingerprint(found.record())));
  }

  private static Instant time(TestServer server) {
    List<Object> time = Raw.list(server.call("TIME"));
    return Instant.EPOCH.plus(
        Long.parseLong(Raw.text(time.get(0))) * 1_000_000 + Long.parseLong(Raw.text(time.get(1))),
        ChronoUnit.MICROS);
  }

  /// Every way in which a key changes, each of which is one version.
  private static final List<List<String>> CHANGES =
      List.of(
          List.of("HSET", KEY, "item", "book", "count", "1"),
          List.of("HINCRBY", KEY, "count", "2"),
          List.of("PEXPIRE", KEY, "900000"),
          List.of("EVAL", "redis.call('HSET', KEYS[1], 'gift', 'yes')", "1", KEY),
          List.of("PERSIST", KEY),
          List.of("DEL", KEY),
          List.of("RENAME", "other", KEY),
          List.of("SWAPDB", "0", "1"),
          List.of("SWAPDB", "0", "1"),
          List.of("FLUSHDB"),
          List.of("ZADD", KEY, "1", "a", "2", "b"),
          List.of("MOVE", KEY, "3"),
          List.of("SET", KEY, "soon gone", "PX", "1500"));

  @ParameterizedTest
  @MethodSource("engines")
  void history_ofAKeyInTheLog_hasEachVersionThatTheServerHad(Engine engine) throws Exception {
    try (TestServer source = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      source.call("SET", "untouched", "1");
      archiving.awaitCaughtUp(source);
      List<Optional<Fingerprint>> expected = new ArrayList<>();
      List<Long> offsets = new ArrayList<>();
      try (Jedis client = source.client()) {
        for (List<String> change : CHANGES) {
          // Commands of others, and with the key's name as a value, which change nothing of it.
          Raw.call(client, "RPUSH", "other", KEY);
          Raw.call(client, "SET", "near:" + KEY, KEY);
          Raw.call(client, change.toArray(String[]::new));
          expected.add(held(story, source));
          offsets.add(source.offset());
        }
      }
      // The server drops the last version by itself.
      archiving.await("expiry", () -> Raw.number(source.call("EXISTS", KEY)) == 0);
      expected.add(Optional.empty());
      source.call("SET", "behind", "it");
      archiving.awaitCaughtUp(source);
      awaitTime(archiving, source);

      LogHistory.Result history = history(story, Optional.of(engine.server()), 100);

      assertThat(history.steps().stream().map(step -> fingerprint(step.state())).toList())
          .as("%s", history.steps())
          .isEqualTo(expected);
      for (int i = 0; i < offsets.size(); i++) {
        assertThat(history.steps().get(i).offset()).isLessThanOrEqualTo(offsets.get(i));
      }
      assertThat(((Absent) history.steps().getLast().state()).expired()).isTrue();
      assertThat(history.steps()).allSatisfy(step -> assertThat(step.time()).isPresent());
      assertThat(history.gaps()).isEmpty();

      // The newest alone: the same, and it is said what was passed over.
      LogHistory.Result few = history(story, Optional.of(engine.server()), 4);
      assertThat(few.covered().getFirst().passed()).isPositive();
      assertThat(few.steps().stream().map(LogHistory.Step::offset).toList())
          .isEqualTo(
              history.steps().stream()
                  .map(LogHistory.Step::offset)
                  .filter(offset -> offset >= few.steps().getFirst().offset())
                  .toList());
    }
  }

  /// Waits until the log is known to hold all that was written by now, and nothing later.
  private static void awaitTime(Archiving archiving, TestServer source) throws Exception {
    Instant now = time(source);
    archiving.await(
        "a mark behind " + now,
        () ->
            archiving.windows().stream()
                .allMatch(
                    window -> window.until().filter(until -> !until.isBefore(now)).isPresent()));
  }

  /// By time: before, between and behind two versions; and what no command names needs no server.
  @Test
  void get_atAMoment_isWhatTheServerHadThen() throws Exception {
    Engine engine = Engines.redis70();
    Optional<Path> server = Optional.of(engine.server());
    try (TestServer source = TestServer.start(engine);
        Story story = Story.inMemory()) {
      source.call("SET", KEY, "base");
      Optional<Fingerprint> base = held(story, source);
      Instant quiet;
      Instant between;
      Instant gone;
      Instant expiry;
      Optional<Fingerprint> changed;
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        source.call("SET", "a", "1");
        archiving.awaitCaughtUp(source);
        awaitTime(archiving, source);
        quiet = time(source);
        awaitTime(archiving, source);
        source.call("SET", KEY, "changed", "PX", Long.toString(LIFE.toMillis()));
        expiry = time(source).plus(LIFE);
        changed = held(story, source);
        awaitTime(archiving, source);
        between = time(source);
        awaitTime(archiving, source);
        source.call("DEL", KEY);
        awaitTime(archiving, source);
        gone = time(source);
        awaitTime(archiving, source);
        source.call("SET", KEY, "anew");
        awaitTime(archiving, source);
        archiving.awaitCaughtUp(source);
      }
      // When somebody looks, its time is over.
      source.await("its expiry", () -> time(source).isAfter(expiry));
      assertThat(at(story, quiet, Optional.of(Path.of("/no/such/program")))).isEqualTo(base);
      assertThatThrownBy(() -> at(story, quiet, server, Duration.ZERO))
          .as("the log is not looked through beyond the deadline")
          .isInstanceOf(Unavailable.class);
      assertThat(at(story, between, server)).isEqualTo(changed);
      assertThatThrownBy(() -> at(story, gone, server))
          .isInstanceOf(NotFound.class)
          .hasMessageContaining("no such key then");

      // Without a server program the commands are told, and that their effects are not known.
      LogHistory.Result blind = history(story, Optional.of(Path.of("/no/such/program")), 100);
      assertThat(blind.whole()).isFalse();
      assertThat(blind.steps()).hasSize(3);
      assertThat(blind.steps().getFirst().command()).startsWith("SET cart:17 changed");
    }
  }

  /// In a cluster the shard is rolled forward that has the key, and no other.
  @Test
  void key_ofACluster_isFoundInItsShardsLog() throws Exception {
    Engine engine = Engines.redis70();
    try (TestCluster cluster = TestCluster.start(engine, 3);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
      archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
      TestServer owner =
          cluster.owner(Slot.of(ByteBuffer.wrap(KEY.getBytes(StandardCharsets.UTF_8))));
      for (TestServer server : cluster.servers()) {
        archiving.awaitCaughtUp(server);
      }
      owner.call("SET", KEY, "1");
      Optional<Fingerprint> first = held(story, owner);
      awaitTime(archiving, owner);
      Instant between = time(owner);
      awaitTime(archiving, owner);
      owner.call("APPEND", KEY, "2");
      Optional<Fingerprint> second = held(story, owner);
      awaitTime(archiving, owner);
      for (TestServer server : cluster.servers()) {
        archiving.awaitCaughtUp(server);
      }
      LogHistory.Result history = history(story, Optional.of(engine.server()), 100);
      assertThat(history.steps().stream().map(step -> fingerprint(step.state())).toList())
          .isEqualTo(List.of(first, second));
      assertThat(at(story, between, Optional.of(engine.server()))).isEqualTo(first);
    }
  }

  /// What a key has gone through stands in the logs of two shards then; its move is no change.
  @Test
  void key_movedToAnotherShard_hasItsChangesOnBothSidesAndNotTheMove() throws Exception {
    Engine engine = Engines.redis70();
    int slot = Slot.of(ByteBuffer.wrap(KEY.getBytes(StandardCharsets.UTF_8)));
    try (TestCluster cluster = TestCluster.start(engine, 3);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
      archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
      for (TestServer server : cluster.servers()) {
        archiving.awaitCaughtUp(server);
      }
      TestServer from = cluster.owner(slot);
      from.call("SET", KEY, "1", "PX", "900000");
      Optional<Fingerprint> first = held(story, from);
      awaitTime(archiving, from);
      TestServer to =
          cluster.servers().stream().filter(server -> server != from).findFirst().orElseThrow();
      Resharding.moveSlot(cluster, slot, from, to);
      to.call("APPEND", KEY, "2");
      Optional<Fingerprint> second = held(story, to);
      for (TestServer server : cluster.servers()) {
        awaitTime(archiving, server);
        archiving.awaitCaughtUp(server);
      }

      LogHistory.Result history = history(story, Optional.of(engine.server()), 100);
      assertThat(history.steps().stream().map(step -> fingerprint(step.state())).toList())
          .as("%s", history.steps())
          .isEqualTo(List.of(first, second));
    }
  }

  /// A server that lost all it had: what was before stays to be seen, and where nobody looked is
  /// said.
  @Test
  void history_acrossAGap_hasBothSidesAndNamesIt() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      source.call("SET", "other", "1");
      archiving.awaitCaughtUp(source);
      source.call("SET", KEY, "before");
      Optional<Fingerprint> before = held(story, source);
      archiving.awaitCaughtUp(source);

      source.kill();
      source.start();
      source.call("SET", "other", "2");
      archiving.await("another window", () -> archiving.windows().size() == 2);
      source.call("SET", "other", "3");
      archiving.awaitCaughtUp(source);
      source.call("SET", KEY, "behind");
      Optional<Fingerprint> behind = held(story, source);
      archiving.awaitCaughtUp(source);

      LogHistory.Result history = history(story, Optional.of(engine.server()), 100);
      assertThat(history.covered()).hasSize(2);
      assertThat(history.gaps()).hasSize(1);
      assertThat(history.steps())
          .extracting(step -> fingerprint(step.state()))
          .containsExactlyInAnyOrder(before, behind);
    }
  }

  /// What is damaged takes with it what only it tells; from the next snapshot on the key is known
  /// again, and no change is told twice.
  @ParameterizedTest
  @EnumSource
  void history_behindWhatIsDamaged_goesOnFromTheNextSnapshot(Damage damage) throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        Story story = Story.inMemory()) {
      source.call("SET", KEY, "0");
      Optional<Fingerprint> last;
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
        source.call("APPEND", KEY, "1");
        archiving.awaitCaughtUp(source);
        source.call("SET", "other", "1");
        archiving.awaitCaughtUp(source);
        story.backup(story.request(source.uri(), /* full= */ true, /* acceptCollapse= */ false));
        source.call("APPEND", KEY, "2");
        last = held(story, source);
        archiving.awaitCaughtUp(source);
        awaitTime(archiving, source);
      }
      damage.of(story);

      LogHistory.Result history = history(story, Optional.of(engine.server()), 100);

      List<State> states = history.steps().stream().map(LogHistory.Step::state).toList();
      assertThat(fingerprint(states.getLast())).isEqualTo(last);
      assertThat(states.subList(0, states.size() - 1))
          .hasSize(damage == Damage.BASE ? 1 : 0)
          .allMatch(Unreadable.class::isInstance);
      assertThat(history.gaps().isEmpty()).isEqualTo(damage == Damage.BASE);
    }
  }

  enum Damage {
    /// What the log goes on from.
    BASE {
      @Override
      void of(Story story) throws IOException {
        Manifest first = window(story).bases().getFirst().manifest();
        story.repository().store().delete(first.runs().getFirst().objects().getFirst().name());
      }
    },
    /// All of the log up to the second snapshot.
    SEGMENTS {
      @Override
      void of(Story story) throws IOException {
        long until = window(story).bases().get(1).offset();
        for (SegmentName name : window(story).stretch().names()) {
          if (name.end() < until) {
            story.damage(name.key());
          }
        }
      }
    };

    abstract void of(Story story) throws IOException;

    private static ShardWindow window(Story story) throws IOException {
      return CacheHistory.of(story.repository(), "default")
          .shards()
          .getFirst()
          .windows()
          .getFirst();
    }
  }
}
