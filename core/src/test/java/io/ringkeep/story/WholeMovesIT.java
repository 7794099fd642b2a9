package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.LogHistory;
import io.ringkeep.lookup.MomentLookup;
import io.ringkeep.model.BackupException;
import io.ringkeep.recover.Moment;
import io.ringkeep.recover.Recovery;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.SyntheticBase;
import io.ringkeep.recover.Timelines;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.status.Status;
import io.ringkeep.task.Deadline;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Slots that Valkey moves, as a whole or key by key, while their cluster is archived.
class WholeMovesIT {
  /// A tag whose slot is 0, which the first primary serves.
  private static final String TAG = "{06S}";

  /// One whose slot the second primary serves.
  private static final String OTHER_TAG = "{foo}";

  private static final Duration MINUTES = Duration.ofMinutes(2);

  @TempDir Path spool;

  static Stream<Engine> valkeys() {
    return Stream.of(Engines.valkey81(), Engines.valkey9()).flatMap(Optional::stream);
  }

  private static boolean healthy(Story story) {
    try {
      return !CacheHistory.of(story.repository(), "default").spans().isEmpty()
          && Status.of(story.repository(), Optional.empty(), Story.CLOCK).getFirst().healthy();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RecoveryTarget at(
      TestServer one, long offset, TestServer other, long otherOffset) {
    return new RecoveryTarget.Offsets(
        Map.of(TestCluster.id(one), offset, TestCluster.id(other), otherOffset));
  }

  /// Where both are, once the log has that.
  private static RecoveryTarget here(Archiving archiving, TestServer one, TestServer other)
      throws Exception {
    RecoveryTarget here = at(one, one.offset(), other, other.offset());
    archiving.awaitCaughtUp(one).awaitCaughtUp(other);
    return here;
  }

  /// What a moment holds, restored onto a standalone server.
  private static Map<String, String> restored(Story story, TestServer target, RecoveryTarget moment)
      throws Exception {
    Recovery.run(
        Recovery.plan(
            Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.AUTO),
            moment,
            Timelines.NEWEST,
            Optional.of(target.engine().server()),
            story.repository(),
            Story.CLOCK),
        story.repository(),
        Story.CLOCK,
        Progress.silent());
    Map<String, String> held = new TreeMap<>();
    for (Object key : Raw.list(target.call("KEYS", "*"))) {
      held.put(Raw.text(key), target.text("GET", Raw.text(key)));
    }
    return held;
  }

  /// The state of the newest migration that a server takes part in.
  private static String state(TestServer server) {
    List<Object> jobs = Raw.list(server.call("CLUSTER", "GETSLOTMIGRATIONS"));
    return jobs.isEmpty() ? "" : Raw.text(Raw.map(jobs.getFirst()).get("state"));
  }

  private static void migrate(TestServer from, TestServer to) {
    from.call(
        "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "0", "10", "20", "20", "NODE", TestCluster.id(to));
  }

  private static KeyName key() {
    return new KeyName(0, ByteBuffer.wrap((TAG + "cart").getBytes(StandardCharsets.UTF_8)));
  }

  /// While a migration lasts, what has come counts for nothing; once it has succeeded, what is left
  /// where it was counts for nothing; what came of one that failed is gone.
  @Test
  void valkey9MovesSlots_anyMoment_hasEachKeyOnceAsItWas() throws Exception {
    Engine engine = Engines.valkey9().orElse(null);
    Assumptions.assumeTrue(engine != null);
    try (TestCluster cluster = TestCluster.start(engine, 2);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
      archiving.await("health", () -> healthy(story));
      TestServer from = cluster.owner(0);
      TestServer to = cluster.primaries().stream().filter(s -> s != from).findFirst().orElseThrow();
      from.call("SET", TAG + "cart", "before");
      from.call("SET", TAG + "gone", "soon");
      from.call("SET", TAG + "stays", "here", "PX", "900000");
      to.call("SET", OTHER_TAG, "mine");
      archiving.awaitCaughtUp(from).awaitCaughtUp(to);

      // It stops once the keys are there, before the slots are.
      from.call("DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", "1");
      migrate(from, to);
      archiving.await("all keys", () -> state(to).equals("waiting-for-paused"));
      long arrivedAt = to.offset();
      from.call("SET", TAG + "cart", "during");
      from.call("DEL", TAG + "gone");
      archiving.await(
          "the writes", () -> Raw.number(to.call("CLUSTER", "COUNTKEYSINSLOT", "0")) == 2);
      long duringFrom = from.offset();
      long duringTo = to.offset();
      archiving.awaitCaughtUp(from).awaitCaughtUp(to);

      from.call("DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", "0");
      archiving.await(
          "the slots", () -> state(to).equals("success") && state(from).equals("success"));
      to.call("SET", TAG + "cart", "after");
      to.call("DEL", TAG + "stays");
      archiving.await("deletion", () -> Raw.number(from.call("DBSIZE")) == 0);
      long afterFrom = from.offset();
      long afterTo = to.offset();
      archiving.awaitCaughtUp(from).awaitCaughtUp(to);

      Map<String, String> during =
          Map.of(TAG + "cart", "during", TAG + "stays", "here", OTHER_TAG, "mine");
      Map<String, String> after = Map.of(TAG + "cart", "after", OTHER_TAG, "mine");
      Map<RecoveryTarget, Map<String, String>> moments = new LinkedHashMap<>();
      // Of the importing side less and more than of the other one: neither counts.
      moments.put(at(from, duringFrom, to, arrivedAt), during);
      moments.put(at(from, duringFrom, to, duringTo), during);
      moments.put(at(from, duringFrom, to, afterTo), after);
      moments.put(at(from, afterFrom, to, afterTo), after);
      for (Map.Entry<RecoveryTarget, Map<String, String>> moment : moments.entrySet()) {
        assertThat(restored(story, target, moment.getKey()))
            .as("%s", moment.getKey())
            .isEqualTo(moment.getValue());
        for (String name : List.of(TAG + "cart", TAG + "gone", TAG + "stays", OTHER_TAG)) {
          assertThat(looked(story, engine, moment.getKey(), name))
              .as("%s at %s", name, moment.getKey())
              .isEqualTo(Optional.ofNullable(moment.getValue().get(name)));
        }
      }

      // Back again, which fails, and once more, which does not.
      to.call("DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", "1");
      migrate(to, from);
      archiving.await("all keys again", () -> state(from).equals("waiting-for-paused"));
      to.call("CLUSTER", "CANCELSLOTMIGRATIONS");
      archiving.await("a failure", () -> state(from).equals("failed"));
      to.call("SET", TAG + "cart", "after a failure");
      assertThat(restored(story, target, here(archiving, from, to)))
          .isEqualTo(Map.of(TAG + "cart", "after a failure", OTHER_TAG, "mine"));
      to.call("DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", "0");
      migrate(to, from);
      archiving.await(
          "the slots", () -> state(to).equals("success") && state(from).equals("success"));
      from.call("SET", TAG + "cart", "back");
      archiving.await("deletion", () -> Raw.number(to.call("DBSIZE")) == 1);
      Map<String, String> back = Map.of(TAG + "cart", "back", OTHER_TAG, "mine");
      assertThat(restored(story, target, here(archiving, from, to))).isEqualTo(back);

      // By time too, and the key's versions are those that its clients saw.
      Map<String, Long> reached =
          Map.of(TestCluster.id(from), from.offset(), TestCluster.id(to), to.offset());
      Instant[] found = {until(story)};
      archiving.await(
          "a time behind all of it, and more behind that",
          () -> {
            from.call("SET", TAG + "cart", "back");
            to.call("SET", OTHER_TAG, "mine");
            Instant until = until(story);
            if (until.isAfter(found[0]) && has(story, found[0], reached)) {
              return true;
            }
            found[0] = until;
            return false;
          });
      Instant now = found[0];
      assertThat(restored(story, target, new RecoveryTarget.At(now))).isEqualTo(back);
      assertThat(steps(story, engine, from)).containsExactly("SET value", "SET value", "SET value");
      assertThat(steps(story, engine, to)).containsExactly("SET value", "SET value");
      assertThat(now(story, engine, now)).endsWith("back");
      SyntheticBase.Result base =
          SyntheticBase.run(
              "default",
              Optional.of(engine.server()),
              story.request(cluster.uri()).incremental(),
              MINUTES,
              story.repository(),
              Story.CLOCK,
              Progress.silent());
      assertThat(base.manifest().records()).isEqualTo(2);
    }
  }

  /// Whether a time is known to lie behind so much of each shard.
  private static boolean has(Story story, Instant time, Map<String, Long> reached) {
    try {
      return Moment.find(
              "default", new RecoveryTarget.At(time), Timelines.NEWEST, story.repository())
          .cuts()
          .stream()
          .allMatch(
              cut -> cut.cut().offset() >= Objects.requireNonNull(reached.get(cut.cut().shard())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant until(Story story) {
    try {
      return CacheHistory.of(story.repository(), "default").spans().getLast().until();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What changed the key on a shard, and whether it was there afterwards.
  private static List<String> steps(Story story, Engine engine, TestServer shard) throws Exception {
    return LogHistory.of(
            story.repository(),
            "default",
            key(),
            /* most= */ 100,
            Optional.of(engine.server()),
            MINUTES,
            Story.CLOCK,
            Progress.silent())
        .steps()
        .stream()
        .filter(step -> step.shard().equals(TestCluster.id(shard)))
        .map(step ->
            step.command().split(" ", 2)[0] + (step.state() instanceof Version ? " value" : ""))
        .toList();
  }

  private static String now(Story story, Engine engine, Instant moment) throws Exception {
    return MomentLookup.get(
        story.repository(),
        "default",
        moment,
        Timelines.NEWEST,
        key(),
        Optional.of(engine.server()),
        MINUTES,
        Story.CLOCK,
        Progress.silent(),
        found -> StandardCharsets.ISO_8859_1.decode(found.record().value()).toString());
  }

  private static Optional<String> looked(
      Story story, Engine engine, RecoveryTarget target, String name) throws Exception {
    CacheHistory history = CacheHistory.of(story.repository(), "default");
    try {
      return Optional.of(
          MomentLookup.get(
              story.repository(),
              history,
              Moment.find("default", target, Timelines.NEWEST, history),
              new KeyName(0, ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8))),
              Optional.of(engine.server()),
              Deadline.in(MINUTES, "get"),
              Story.CLOCK,
              Progress.silent(),
              found -> text(found.record().value())));
    } catch (BackupException.NotFound e) {
      assertThat(e).hasMessageStartingWith("there was no such key then");
      return Optional.empty();
    }
  }

  /// Of a short string as an RDB holds it, behind a byte that says how long it is.
  private static String text(ByteBuffer value) {
    assertThat(value.get(value.position())).isEqualTo((byte) (value.remaining() - 1));
    return StandardCharsets.UTF_8
        .decode(value.slice(value.position() + 1, value.remaining() - 1))
        .toString();
  }

  /// Valkey tells the replicas of a shard by their stream when a slot changes its owner, which a
  /// server outside of any cluster does not understand.
  @ParameterizedTest
  @MethodSource("valkeys")
  void valkeyMovesKeys_inAShardWithReplicas_everyMomentComesBack(Engine engine) throws Exception {
    try (TestCluster cluster = TestCluster.builder(engine).primaries(2).replicasOfEach(1).start();
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
      archiving.await("health", () -> healthy(story));
      TestServer from = cluster.owner(0);
      TestServer to = cluster.primaries().stream().filter(s -> s != from).findFirst().orElseThrow();
      from.call("SET", TAG + "cart", "before");
      Resharding.moveEdges(cluster, from, to, 1);
      to.call("SET", TAG + "more", "after");

      assertThat(restored(story, target, here(archiving, from, to)))
          .isEqualTo(Map.of(TAG + "cart", "before", TAG + "more", "after"));
    }
  }
}
