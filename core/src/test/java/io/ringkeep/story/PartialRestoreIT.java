package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.Glob;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.restore.Conflict;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Rename;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.restore.Selection;
import io.ringkeep.restore.TtlPolicy;
import io.ringkeep.restore.UndoSnapshot;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;

/// A part of a snapshot goes into live data, carefully.
class PartialRestoreIT {
  private static final RestoreOptions PLAIN = RestoreOptions.PLAIN;

  @Test
  void restore_ofMatchingKeys_touchesNoOthers() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      server.text("SET", "user:1", "damaged");
      server.text("DEL", "user:2");
      server.text("SET", "order:1", "newer");

      RestoreResult restored =
          merge(story, server, PLAIN.with(to -> to.selection(match("user:*", "cart:[^x]*"))));

      assertThat(restored.proven()).isTrue();
      assertThat(restored.plan().records()).isEqualTo(13);
      assertThat(restored.records()).isEqualTo(13);
      assertThat(server.text("GET", "user:1")).isEqualTo("user 1");
      assertThat(server.text("GET", "user:2")).isEqualTo("user 2");
      assertThat(server.text("GET", "order:1")).isEqualTo("newer");
    }
  }

  @Test
  void restore_byTypeDatabaseSizeAndExclusion_takesWhatFitsThemAll() throws Exception {
    try (TestServer server = filled();
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      Selection selection =
          new Selection(
              List.of(),
              List.of(Glob.of("cart:1")),
              Set.of(0),
              Set.of(LogicalType.HASH),
              OptionalLong.of(10),
              OptionalLong.of(1000),
              Set.of());

      RestoreResult restored =
          story.restore(
              Story.restoreRequest(target.uri()).with(PLAIN.with(to -> to.selection(selection))));

      assertThat(restored.plan().loader()).isEqualTo(Loader.RESTORE);
      assertThat(restored.proven()).isTrue();
      assertThat(target.keys(0)).isEqualTo(2);
      assertThat(target.text("HGET", "cart:2", "item")).isEqualTo("2");
    }
  }

  @Test
  void restore_ofNamedKeysUnderAnotherPrefixAndDatabase_leavesTheOldOnes() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      server.text("SET", "user:3", "newer");
      Selection named =
          new Selection(
              List.of(),
              List.of(),
              Set.of(),
              Set.of(),
              OptionalLong.empty(),
              OptionalLong.empty(),
              Set.of(bytes("user:3"), bytes("in three")));

      RestoreResult restored =
          merge(
              story,
              server,
              PLAIN.with(to ->
                  to.selection(named)
                      .renames(List.of(rename("user:", "restored:"), rename("in ", "from ")))
                      .databaseMap(Map.of(3, 0))
                      .conflict(Conflict.FAIL)));

      assertThat(restored.proven()).isTrue();
      assertThat(restored.records()).isEqualTo(2);
      assertThat(server.text("GET", "restored:3")).isEqualTo("user 3");
      assertThat(server.text("GET", "from three")).isEqualTo("3");
      assertThat(server.text("GET", "user:3")).isEqualTo("newer");
    }
  }

  @Test
  void restore_ofDifferencesDeletingOthers_makesThePartWhatItWasAndCanBeUndone() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      server.text("SET", "user:1", "damaged");
      server.text("SET", "user:new", "not in the snapshot");
      server.text("SET", "order:new", "not selected");
      Contents before = Oracle.read(server);
      RestoreOptions options =
          PLAIN.with(to -> to.selection(match("user:*")).delta(true).surplus(true).undo(true));

      RestorePlan plan =
          Restore.plan(
              Story.restoreRequest(server.uri(), Existing.MERGE, Loader.AUTO).with(options),
              story.repository(),
              Story.CLOCK);
      assertThat(plan.destroys()).hasSize(1);
      assertThat(plan.destroys().getFirst()).contains("1 keys", "user:new");
      assertThat(before.differences(Oracle.read(server))).isEmpty();
      RestoreResult restored =
          Restore.run(plan, story.repository(), Story.CLOCK, Progress.silent());

      assertThat(restored.proven()).isTrue();
      assertThat(server.text("GET", "user:1")).isEqualTo("user 1");
      assertThat(server.text("EXISTS", "user:new", "order:new", "order:1")).isEqualTo("2");
      assertThat(
              catchThrowableOfType(
                  BackupException.InvalidRequest.class,
                  () ->
                      merge(
                          story,
                          server,
                          options.with(to -> to.renames(List.of(rename("user:", "old:")))))))
          .hasMessageContaining("compares names");
      for (int i = 0; i < 6; i++) {
        merge(story, server, PLAIN.with(to -> to.selection(match("user:*")).undo(true)));
      }
      assertThat(story.repository().snapshots(UndoSnapshot.cache("default")).references())
          .hasSize(5);
    }
  }

  @Test
  void restore_renamedOntoACluster_findsTheOwnersOfTheNewSlots() throws Exception {
    try (TestServer server = filled();
        TestCluster cluster = TestCluster.start(Engines.redis70(), 3);
        Story story = Story.inMemory()) {
      story.backup(server.uri());

      RestoreResult restored =
          story.restore(
              Story.restoreRequest(cluster.uri())
                  .with(
                      PLAIN.with(to ->
                          to.renames(List.of(rename("user:", "elsewhere:")))
                              .databaseMap(Map.of(3, 0)))));

      assertThat(restored.proven()).isTrue();
      assertThat(cluster.primaries().stream().mapToLong(primary -> primary.keys(0)).sum())
          .isEqualTo(restored.records());
    }
  }

  @Test
  void restore_ofWhatIsNotThere_isNotFoundAndChangesNothing() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      BackupException.NotFound none =
          catchThrowableOfType(
              BackupException.NotFound.class,
              () -> merge(story, server, PLAIN.with(to -> to.selection(match("nobody:*")))));
      assertThat(none.exitCode()).isEqualTo(3);
    }
  }

  @Test
  void restore_whereTwoKeysWouldBecomeOne_isRefusedAndNamesThem() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      BackupException.InvalidRequest collision =
          catchThrowableOfType(
              BackupException.InvalidRequest.class,
              () ->
                  merge(
                      story,
                      server,
                      PLAIN.with(to -> to.renames(List.of(rename("user:1", "user:2"))))));
      assertThat(collision.exitCode()).isEqualTo(2);
      assertThat(collision.getMessage()).contains("user:2");
    }
  }

  @Test
  void restore_ontoKeysThatAreThere_failsSkipsOrReplacesAsTold() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      server.text("SET", "user:1", "newer");
      server.text("DEL", "user:2", "user:3");
      RestoreOptions users = PLAIN.with(to -> to.selection(match("user:*")));

      BackupException.TargetRefused refused =
          catchThrowableOfType(
              BackupException.TargetRefused.class,
              () -> merge(story, server, users.with(to -> to.conflict(Conflict.FAIL))));
      assertThat(refused.getMessage()).contains("keys=8");
      assertThat(server.text("EXISTS", "user:2")).isEqualTo("0");

      RestoreResult skipped = merge(story, server, users.with(to -> to.conflict(Conflict.SKIP)));
      assertThat(skipped.proven()).isTrue();
      assertThat(skipped.records()).isEqualTo(2);
      assertThat(server.text("GET", "user:1")).isEqualTo("newer");
      assertThat(server.text("GET", "user:2")).isEqualTo("user 2");

      RestoreResult replaced =
          merge(story, server, users.with(to -> to.conflict(Conflict.REPLACE)));
      assertThat(replaced.records()).isEqualTo(10);
      assertThat(server.text("GET", "user:1")).isEqualTo("user 1");
    }
  }

  @Test
  void restore_withConflictPolicyOfAnEmptiedTarget_isAContradiction() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      BackupException.InvalidRequest contradiction =
          catchThrowableOfType(
              BackupException.InvalidRequest.class,
              () ->
                  story.restore(
                      Story.restoreRequest(server.uri(), Existing.REPLACE, Loader.AUTO)
                          .with(PLAIN.with(to -> to.conflict(Conflict.SKIP)))));
      assertThat(contradiction.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void restore_underEachTtlPolicy_setsExpiriesAsItSays() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      long soon = Story.CLOCK.millis() + 6_000;
      long late = Story.CLOCK.millis() + 3_600_000;
      server.text("SET", "soon", "1", "PXAT", Long.toString(soon));
      server.text("SET", "late", "1", "PXAT", Long.toString(late));
      server.text("SET", "never", "1");
      story.backup(server.uri());
      while (Story.CLOCK.millis() <= soon) {
        Thread.sleep(20);
      }
      server.text("SET", "soon", "a live key");

      merge(story, server, PLAIN.with(to -> to.ttl(new TtlPolicy.DropExpired())));
      assertThat(server.text("GET", "soon")).isEqualTo("a live key");

      merge(story, server, PLAIN.with(to -> to.ttl(new TtlPolicy.Shift())));
      assertThat(server.text("GET", "soon")).isEqualTo("1");
      assertThat(expiry(server, "late")).isGreaterThan(late);

      merge(
          story,
          server,
          PLAIN.with(to -> to.ttl(new TtlPolicy.Floor(Duration.ofHours(2))).jitterPercent(10)));
      assertThat(expiry(server, "soon"))
          .isBetween(late + 3_000_000, Story.CLOCK.millis() + 8_000_000);

      merge(story, server, PLAIN.with(to -> to.ttl(new TtlPolicy.Persist())));
      assertThat(expiry(server, "soon")).isEqualTo(-1);

      RestoreResult absolute =
          merge(story, server, PLAIN.with(to -> to.ttl(new TtlPolicy.Absolute())));
      assertThat(absolute.proven()).isTrue();
      assertThat(server.text("EXISTS", "soon")).isEqualTo("0");
      assertThat(expiry(server, "late")).isEqualTo(late);
      assertThat(expiry(server, "never")).isEqualTo(-1);
    }
  }

  @Test
  void restore_whenAClientChangesARestoredKey_isFoundByTheProof() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      RestorePlan plan =
          Restore.plan(
              Story.restoreRequest(server.uri(), Existing.MERGE, Loader.AUTO),
              story.repository(),
              Story.CLOCK);
      BackupException.CorruptData differs =
          catchThrowableOfType(
              BackupException.CorruptData.class,
              () ->
                  Restore.run(
                      plan,
                      story.repository(),
                      Story.CLOCK,
                      new OnPhase(
                          "comparing",
                          () -> {
                            try (Jedis jedis = server.client()) {
                              jedis.set("user:1", "changed meanwhile");
                            }
                          })));
      assertThat(differs.getMessage()).contains("user:1").contains("keys=1");
    }
  }

  @Test
  void restore_ofDifferences_sendsOnlyTheKeysThatDiffer() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      server.text("SET", "user:1", "damaged");
      server.text("DEL", "user:2");
      server.text("EXPIRE", "user:3", "1000");
      server.text("HSET", "cart:1", "another", "field");
      server.text("SET", "mine", "1");

      RestoreResult restored = merge(story, server, PLAIN.with(to -> to.delta(true)));

      assertThat(restored.records()).isEqualTo(4);
      assertThat(restored.proven()).isTrue();
      assertThat(server.text("GET", "mine")).isEqualTo("1");
      assertThat(server.text("TTL", "user:3")).isEqualTo("-1");
      assertThat(merge(story, server, PLAIN.with(to -> to.delta(true))).records()).isZero();
    }
  }

  @Test
  void restore_thatWasKilledHalfWay_goesOnWhereItWas() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.text("DEBUG", "POPULATE", "30000", "key", "60");
      story.backup(server.uri());
      RestorePlan plan =
          Restore.plan(
              Story.restoreRequest(target.uri(), Existing.MERGE, Loader.AUTO),
              story.repository(),
              Story.CLOCK);
      Thread restoring =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  Restore.run(plan, story.repository(), Story.CLOCK, Progress.silent());
                } catch (Exception e) {
                  // That is what it is killed for.
                }
              });
      target.await("some keys", () -> target.keys(0) >= 2_000 || !restoring.isAlive());
      restoring.interrupt();
      restoring.join();
      // What was sent before is still read.
      target.await(
          "its connections' ends",
          () -> "1".equals(target.info("clients").get("connected_clients")));
      long there = target.keys(0);

      RestoreResult rest = merge(story, target, PLAIN.with(to -> to.delta(true)));

      assertThat(rest.records()).isEqualTo(30_000 - there);
      assertThat(rest.proven()).isTrue();
      assertThat(target.keys(0)).isEqualTo(30_000);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Existing.class,
      names = {"MERGE", "REPLACE"})
  void restore_thatWasAMistake_isUndone(Existing existing) throws Exception {
    try (TestServer source = filled();
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      Dataset.of(41, 50).writeTo(target);
      target.text("SET", "user:1", "mine");
      Contents before = Oracle.read(target);

      RestoreResult mistaken =
          story.restore(
              Story.restoreRequest(target.uri(), existing, Loader.AUTO)
                  .with(PLAIN.with(to -> to.undo(true))));
      assertThat(target.text("GET", "user:1")).isEqualTo("user 1");
      assertThat(mistaken.warnings()).anyMatch(line -> line.contains("--undo"));
      RestoreRequest undo = Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.AUTO);
      story.restore(
          new RestoreRequest(
              UndoSnapshot.cache(undo.cache()),
              "latest",
              undo.target(),
              undo.connection(),
              undo.existing(),
              undo.loader(),
              undo.proof(),
              undo.advertise(),
              undo.timeout()));

      assertThat(before.differences(Oracle.read(target))).isEmpty();
    }
  }

  private static RestoreResult merge(Story story, TestServer target, RestoreOptions options)
      throws Exception {
    return story.restore(
        Story.restoreRequest(target.uri(), Existing.MERGE, Loader.AUTO).with(options));
  }

  private static long expiry(TestServer server, String key) {
    return Long.parseLong(server.text("PEXPIRETIME", key));
  }

  private static Selection match(String... globs) {
    return new Selection(
        List.of(globs).stream().map(Glob::of).toList(),
        List.of(),
        Set.of(),
        Set.of(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Set.of());
  }

  private static Rename rename(String from, String to) {
    return new Rename(bytes(from), bytes(to));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Ten users, three carts, an order, and a key in database 3.
  private static TestServer filled() {
    TestServer server = TestServer.start(Engines.redis70());
    for (int i = 0; i < 10; i++) {
      server.text("SET", "user:" + i, "user " + i);
    }
    for (int i = 0; i < 3; i++) {
      server.text("HSET", "cart:" + i, "item", Integer.toString(i));
    }
    server.text("SET", "order:1", "an order");
    try (Jedis jedis = server.client()) {
      jedis.select(3);
      jedis.set("in three", "3");
    }
    return server;
  }
}
