package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.model.BackupException;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// A target never loses what the plan did not name, nor for a restore that could be known to fail.
class TargetLossIT {
  private static final String LIBRARY =
      "#!lua name=mine\nredis.register_function('mine', function() return 1 end)";

  static Stream<Engine> clusterEngines() {
    return Engines.all().filter(Engine::hasFunctions);
  }

  @ParameterizedTest
  @MethodSource("clusterEngines")
  void restore_ofDatabase3_ontoCluster_isRefusedBeforeAnythingIsRemoved(Engine engine)
      throws Exception {
    try (TestServer source = TestServer.start(engine);
        TestCluster target = TestCluster.start(engine, 3);
        Story story = Story.inMemory()) {
      try (Jedis client = source.client()) {
        client.select(3);
        client.set("three", "3");
      }
      story.backup(source.uri());
      TestServer primary = target.primaries().getFirst();
      primary.text("SET", keyOf(primary), "1");

      BackupException.TargetRefused refused =
          catchThrowableOfType(
              BackupException.TargetRefused.class,
              () ->
                  story.restore(Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.AUTO)));

      assertThat(refused).hasMessageContaining("databases: needed=4 there=1");
      assertThat(primary.keys(0)).isEqualTo(1);
    }
  }

  @Test
  void restore_ontoTargetWithFunctionsOnly_keepsThem() throws Exception {
    try (TestServer source = filled();
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      target.text("FUNCTION", "LOAD", LIBRARY);

      RestoreResult result =
          story.restore(Story.restoreRequest(target.uri(), Existing.REFUSE, Loader.AUTO));

      assertThat(result.plan().loader()).isEqualTo(Loader.RESTORE);
      assertThat(result.plan().reason()).contains("mine");
      assertThat(target.text("FCALL", "mine", "0")).isEqualTo("1");
      assertThat(target.keys(0)).isEqualTo(1);
    }
  }

  @Test
  void plan_thatReplacesFunctions_namesThem() throws Exception {
    try (TestServer source = filled();
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      target.text("FUNCTION", "LOAD", LIBRARY);

      RestoreResult result =
          story.restore(Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.AUTO));

      assertThat(result.plan().loader()).isEqualTo(Loader.REPLICATION);
      assertThat(result.plan().destroys()).anyMatch(line -> line.contains("[mine]"));
    }
  }

  @Test
  void restore_ontoTargetThatIsWrittenToAfterThePlan_isRefusedAndKeepsTheKeys() throws Exception {
    try (TestServer source = filled();
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      for (Loader loader : List.of(Loader.REPLICATION, Loader.RESTORE)) {
        RestorePlan plan =
            Restore.plan(
                Story.restoreRequest(target.uri(), Existing.REFUSE, loader),
                story.repository(),
                Story.CLOCK);
        target.text("SET", "mine", "1");

        BackupException.TargetRefused refused =
            catchThrowableOfType(
                BackupException.TargetRefused.class,
                () -> Restore.run(plan, story.repository(), Story.CLOCK, Progress.silent()));

        assertThat(refused).hasMessageContaining("keys=1");
        assertThat(target.text("GET", "mine")).isEqualTo("1");
        target.text("DEL", "mine");
      }
    }
  }

  /// A key that belongs to the server's first slot range.
  private static String keyOf(TestServer primary) {
    for (int i = 0; ; i++) {
      String key = "key:" + i;
      if (Long.parseLong(primary.text("CLUSTER", "KEYSLOT", key)) < 5_000) {
        return key;
      }
    }
  }

  private static TestServer filled() {
    TestServer source = TestServer.start(Engines.redis70());
    source.text("SET", "theirs", "1");
    return source;
  }
}
