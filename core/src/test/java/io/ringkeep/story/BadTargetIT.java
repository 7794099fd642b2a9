package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.model.BackupException;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.memory.MemoryStore;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;

/// What a bad target gets: a refusal before anything is sent, and its data stays.
class BadTargetIT {

  @Test
  void restore_ontoTargetWithKeys_isRefusedAndChangesNothing() throws Exception {
    try (TestServer source = filled(Engines.redis70(), 1000);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      target.text("SET", "mine", "1");

      BackupException.TargetRefused refused = refused(story, target, Existing.REFUSE);

      assertThat(refused.exitCode()).isEqualTo(10);
      assertThat(refused.hint())
          .hasValueSatisfying(hint -> assertThat(hint).contains("--existing"));
      assertThat(target.text("GET", "mine")).isEqualTo("1");
      assertThat(target.keys(0)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Loader.class,
      names = {"REPLICATION", "RESTORE"})
  void restore_withReplace_leavesTheSnapshotAndNothingElse(Loader loader) throws Exception {
    try (TestServer source = filled(Engines.redis70(), 1000);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      target.text("SET", "mine", "1");

      story.restore(Story.restoreRequest(target.uri(), Existing.REPLACE, loader));

      assertThat(target.keys(0)).isEqualTo(1000);
      assertThat(target.text("EXISTS", "mine")).isEqualTo("0");
    }
  }

  @Test
  void restore_withMerge_keepsOtherKeys() throws Exception {
    try (TestServer source = filled(Engines.redis70(), 1000);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      target.text("SET", "mine", "1");
      target.text("SET", "key:0", "overwritten");

      story.restore(Story.restoreRequest(target.uri(), Existing.MERGE, Loader.AUTO));

      assertThat(target.keys(0)).isEqualTo(1001);
      assertThat(target.text("GET", "mine")).isEqualTo("1");
      assertThat(target.text("GET", "key:0")).startsWith("value:0");
    }
  }

  @Test
  void restore_ontoOlderEngine_isRefusedBeforeItEmptiesItself() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis62());
        Story story = Story.inMemory()) {
      source.text("XADD", "stream", "1-1", "field", "value");
      source.text("XDEL", "stream", "1-1");
      story.backup(source.uri());
      target.text("SET", "mine", "1");

      BackupException.TargetRefused refused = refused(story, target, Existing.REPLACE);

      assertThat(refused.getMessage()).contains("6.2").contains("key=stream");
      assertThat(target.text("GET", "mine")).isEqualTo("1");
    }
  }

  @Test
  void restore_ontoTargetWithFewerDatabases_isRefusedAndTheServerLives() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70(), "databases 1");
        Story story = Story.inMemory()) {
      try (Jedis jedis = source.client()) {
        jedis.select(3);
        jedis.set("a", "1");
      }
      story.backup(source.uri());

      assertThat(refused(story, target, Existing.REFUSE).getMessage()).contains("databases");
      assertThat(target.text("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void restore_ontoTargetTooSmallByMaxmemory_isRefused() throws Exception {
    try (TestServer source = filled(Engines.redis70(), 50_000);
        TestServer target = TestServer.start(Engines.redis70(), "maxmemory 3mb");
        Story story = Story.inMemory()) {
      story.backup(source.uri());

      assertThat(refused(story, target, Existing.REFUSE).getMessage()).contains("maxmemory");
      assertThat(target.keys(0)).isZero();
    }
  }

  @Test
  void restore_ontoTargetWithoutTheModule_isRefusedAndTheServerLives() throws Exception {
    Optional<Engine> withVectorSets = Engines.redis80();
    assumeTrue(withVectorSets.isPresent(), "Redis 8.0 could not be had");
    try (TestServer source = TestServer.start(withVectorSets.get());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      assumeTrue(
          source.info("modules").containsKey("module"), "this build of Redis 8 has no vector sets");
      source.call("VADD", "vectors", "VALUES", "3", "0.1", "0.2", "0.3", "one");
      story.backup(source.uri());

      assertThat(refused(story, target, Existing.REFUSE).getMessage()).contains("module");
      assertThat(target.text("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void restore_ontoTargetWithOtherFunctionOfTheSameName_isRefused() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      source.text("FUNCTION", "LOAD", library("return 1"));
      source.text("SET", "a", "1");
      story.backup(source.uri());
      target.text("FUNCTION", "LOAD", library("return 2"));

      assertThat(refused(story, target, Existing.REFUSE).getMessage()).contains("mylib");
      assertThat(target.text("FCALL", "mine", "0")).isEqualTo("2");
    }
  }

  @Test
  void plan_whenClientsWriteToTheTarget_namesThem() throws Exception {
    try (TestServer source = filled(Engines.redis70(), 10);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory();
        Jedis writer = target.client()) {
      story.backup(source.uri());
      writer.clientSetname("checkout-worker");
      writer.del("nothing");

      RestorePlan plan =
          Restore.plan(Story.restoreRequest(target.uri()), story.repository(), Story.CLOCK);

      assertThat(plan.warnings()).anyMatch(line -> line.contains("checkout-worker"));
    }
  }

  @Test
  void restore_whenTargetDies_isUnavailableAndTellsSo() throws Exception {
    try (TestServer source = filled(Engines.redis70(), 300_000);
        TestServer target = TestServer.start(Engines.redis70(), "key-load-delay 50");
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      Thread killer =
          Thread.ofVirtual()
              .start(() -> {
                while (!target.log().contains("PRIMARY <-> REPLICA sync: Loading DB in memory")
                    && !target.log().contains("MASTER <-> REPLICA sync: Loading DB in memory")) {
                  Thread.onSpinWait();
                }
                target.kill();
              });

      BackupException.Unavailable away =
          catchThrowableOfType(
              BackupException.Unavailable.class, () -> story.restore(target.uri()));

      killer.join();
      assertThat(away.exitCode()).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Loader.class,
      names = {"REPLICATION", "RESTORE"})
  void restore_whenOneValueIsAnotherBeforeItIsReadBack_saysSo(Loader loader) throws Exception {
    try (TestServer source = filled(Engines.redis70(), 1000);
        TestServer target = TestServer.start(Engines.redis70(), "replica-read-only no");
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      Progress meddler = onceReadBack(() -> target.text("SET", "key:7", "meddled with"));

      BackupException.CorruptData differs =
          catchThrowableOfType(
              BackupException.CorruptData.class,
              () ->
                  Restore.run(
                      Restore.plan(
                          Story.restoreRequest(target.uri(), Existing.REFUSE, loader),
                          story.repository(),
                          Story.CLOCK),
                      story.repository(),
                      Story.CLOCK,
                      meddler));

      assertThat(differs).hasMessageContaining("records=1000 heldRecords=1000");
      assertThat(differs.exitCode()).isEqualTo(7);
    }
  }

  /// Acts when everything was loaded and is about to be read back.
  private static Progress onceReadBack(Runnable action) {
    return new Progress() {
      @Override
      public Task begin(String name, OptionalLong totalBytes) {
        if (name.startsWith("reading back")) {
          action.run();
        }
        return Progress.silent().begin(name, totalBytes);
      }

      @Override
      public void note(String text) {}
    };
  }

  @Test
  void restore_ofDamagedSnapshot_refusesBeforeItDestroys() throws Exception {
    MemoryStore store = new MemoryStore();
    try (TestServer source = filled(Engines.redis70(), 1000);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.in(store)) {
      story.backup(source.uri());
      String damaged =
          store.list("caches/default/run/").stream()
              .map(ObjectInfo::key)
              .filter(name -> name.endsWith(".data"))
              .findFirst()
              .orElseThrow();
      story.damage(damaged);
      target.text("SET", "mine", "1");

      BackupException.CorruptData corrupt =
          catchThrowableOfType(
              BackupException.CorruptData.class,
              () ->
                  story.restore(Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.AUTO)));

      assertThat(corrupt.exitCode()).isEqualTo(7);
      assertThat(corrupt.getMessage()).contains(damaged);
      assertThat(target.text("GET", "mine")).isEqualTo("1");
      assertThat(Raw.describe(target.call("CONFIG", "GET", "repl-diskless-load")))
          .contains("disabled");
      assertThat(target.info("replication").get("role")).isEqualTo("master");
    }
  }

  private static BackupException.TargetRefused refused(
      Story story, TestServer target, Existing existing) {
    return catchThrowableOfType(
        BackupException.TargetRefused.class,
        () -> story.restore(Story.restoreRequest(target.uri(), existing, Loader.AUTO)));
  }

  private static String library(String body) {
    return "#!lua name=mylib\nredis.register_function('mine', function() %s end)".formatted(body);
  }

  private static TestServer filled(Engine engine, int keys) {
    TestServer server = TestServer.start(engine);
    server.text("DEBUG", "POPULATE", Integer.toString(keys), "key", "60");
    return server;
  }
}
