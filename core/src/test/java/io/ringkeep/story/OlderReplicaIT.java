package io.ringkeep.story;

import static io.ringkeep.story.UpgradedPair.PINGS;
import static io.ringkeep.story.UpgradedPair.follow;
import static io.ringkeep.story.UpgradedPair.port;
import static io.ringkeep.story.UpgradedPair.portable;
import static io.ringkeep.story.UpgradedPair.replacing;
import static io.ringkeep.story.UpgradedPair.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.check.CheckLine;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Targets in the middle of an upgrade whose replica is older than its primary: it follows, and can
/// load nothing of what its primary writes.
class OlderReplicaIT {
  static Stream<Arguments> pairs() {
    return Stream.of(
            Optional.of(Arguments.of(Engines.redis62(), Engines.redis70())),
            Engines.redis80().map(newer -> Arguments.of(Engines.redis70(), newer)))
        .flatMap(Optional::stream);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void restore_ontoAPrimaryWithAnOlderReplica_givesBothAllAndWarns(Engine older, Engine newer)
      throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestServer replica = TestServer.start(older, PINGS);
        TestServer primary = TestServer.start(newer, PINGS)) {
      write(source);
      story.backup(source.uri());
      follow(replica, primary);

      RestoreResult restored = story.restore(replacing(primary, Loader.AUTO));

      assertThat(restored.proven()).isTrue();
      assertThat(restored.plan().loader()).isEqualTo(Loader.RESTORE);
      assertThat(restored.plan().reason())
          .contains("too old for a full sync")
          .contains(port(replica));
      assertThat(restored.plan().warnings().toString())
          .contains("replicas are too old for a full sync from their primary")
          .contains(port(replica));
      primary.awaitReplicas(1);
      assertThat(replica.info("replication")).containsEntry("master_link_status", "up");
      assertThat(replica.keys(0)).isEqualTo(source.keys(0));
      assertThat(portable(source).differences(portable(replica))).isEmpty();
      assertThat(portable(source).differences(portable(primary))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void check_ofSuchATarget_namesTheReplicaAndReplicationIsRefused(Engine older, Engine newer)
      throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestServer replica = TestServer.start(older, PINGS);
        TestServer primary = TestServer.start(newer, PINGS)) {
      write(source);
      story.backup(source.uri());
      follow(replica, primary);
      RestoreRequest request = replacing(primary, Loader.AUTO);

      List<CheckLine> lines = Restore.check(request, story.repository(), Story.CLOCK);

      assertThat(lines).noneMatch(line -> line.level() == CheckLine.Level.FAIL);
      assertThat(lines)
          .anySatisfy(line -> {
            assertThat(line.level()).isEqualTo(CheckLine.Level.WARN);
            assertThat(line.subject()).endsWith("replicas");
            assertThat(line.finding()).contains(port(replica));
            assertThat(line.hint()).isPresent();
          });
      BackupException.InvalidRequest refused =
          catchThrowableOfType(
              BackupException.InvalidRequest.class,
              () -> story.restore(replacing(primary, Loader.REPLICATION)));
      assertThat(refused).hasMessageContaining("too old for a full sync");
      assertThat(replica.text("GET", "kept")).isEqualTo("by both");
      assertThat(primary.keys(0)).isEqualTo(1);
    }
  }

  @Test
  void restore_ofWhatTheReplicaCannotHold_isRefusedBeforeAnythingIsSent() throws Exception {
    assumeTrue(Engines.redis80().isPresent(), "needs a server whose hash fields can expire");
    Engine newer = Engines.redis80().orElseThrow();
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestServer replica = TestServer.start(Engines.redis70(), PINGS);
        TestServer primary = TestServer.start(newer, PINGS)) {
      writeExpiringField(source);
      story.backup(source.uri());
      follow(replica, primary);
      primary.call("DEL", "kept");

      BackupException.TargetRefused refused =
          catchThrowableOfType(
              BackupException.TargetRefused.class, () -> story.restore(primary.uri()));

      assertThat(refused)
          .hasMessageContaining("time to live of single hash fields")
          .hasMessageContaining("Redis 7.0");
      assertThat(refused.hint().orElseThrow()).startsWith("upgrade the replicas first");
      assertThat(primary.keys(0)).isZero();
    }
  }

  @Test
  void undelete_ofWhatTheReplicaCannotHold_namesItAsTheReason() throws Exception {
    assumeTrue(Engines.redis80().isPresent(), "needs a server whose hash fields can expire");
    Engine newer = Engines.redis80().orElseThrow();
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestServer replica = TestServer.start(Engines.redis70(), PINGS);
        TestServer primary = TestServer.start(newer, PINGS)) {
      writeExpiringField(source);
      story.backup(source.uri());
      follow(replica, primary);

      BackupException.TargetRefused refused =
          catchThrowableOfType(
              BackupException.TargetRefused.class,
              () -> story.undelete(primary, "hash", /* dropUnsupported= */ false));

      assertThat(refused).hasMessageContaining("replicas=[Redis 7.0");
      assertThat(refused.hint().orElseThrow()).startsWith("upgrade the replicas first");
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void undelete_intoSuchATarget_isOnBoth(Engine older, Engine newer) throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestServer replica = TestServer.start(older, PINGS);
        TestServer primary = TestServer.start(newer, PINGS)) {
      write(source);
      story.backup(source.uri());
      follow(replica, primary);

      for (String key : List.of("hash", "set", "zset")) {
        story.undelete(primary, key, /* dropUnsupported= */ false);
      }

      primary.awaitReplicas(1);
      assertThat(replica.text("HGET", "hash", "field")).isEqualTo("value");
      assertThat(replica.text("SCARD", "set")).isEqualTo("2");
      assertThat(replica.text("ZSCORE", "zset", "member")).isEqualTo("1.5");
    }
  }

  @Test
  void restore_ontoAClusterWhoseReplicasAreOlder_givesEachAllOfItsPrimary() throws Exception {
    Engine older = Engines.redis62();
    Engine newer = Engines.redis70();
    List<Engine> upgraded = List.of(older, older, older, newer, newer, newer);
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestCluster target = TestCluster.builder(upgraded).replicasOfEach(1).start()) {
      for (int i = 0; i < 60; i++) {
        source.call("HSET", "hash:" + i, "field", "value");
      }
      story.backup(source.uri());
      target.servers().subList(3, 6).forEach(target::failOver);

      RestoreResult restored = story.restore(target.uri());

      assertThat(restored.proven()).isTrue();
      assertThat(restored.plan().crossing().byCommands()).isEqualTo(60);
      assertThat(restored.plan().warnings().toString()).contains("too old for a full sync");
      long keys = 0;
      for (TestServer primary : target.servers().subList(3, 6)) {
        primary.awaitReplicas(1);
        TestServer replica = target.replicasOf(primary).getFirst();
        assertThat(replica.info("replication")).containsEntry("master_link_status", "up");
        assertThat(replica.keys(0)).isEqualTo(primary.keys(0));
        keys += replica.keys(0);
      }
      assertThat(keys).isEqualTo(60);
    }
  }

  /// Valkey writes an older format for an older replica, so nothing stands in the way.
  @Test
  void restore_ontoValkey9WithAReplicaOfValkey8_goesByReplicationToBoth() throws Exception {
    assumeTrue(Engines.valkey81().isPresent(), "needs Valkey 8.1");
    assumeTrue(Engines.newestValkey().isPresent(), "needs Valkey 9");
    Engine newer = Engines.newestValkey().orElseThrow();
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestServer replica = TestServer.start(Engines.valkey81().orElseThrow(), PINGS);
        TestServer primary = TestServer.start(newer, PINGS)) {
      write(source);
      story.backup(source.uri());
      follow(replica, primary);
      primary.call("DEL", "kept");

      RestoreResult restored = story.restore(primary.uri());

      assertThat(restored.plan().loader()).isEqualTo(Loader.REPLICATION);
      assertThat(restored.plan().warnings().toString()).doesNotContain("too old");
      replica.await("all keys", () -> replica.keys(0) == source.keys(0));
      assertThat(portable(source).differences(portable(replica))).isEmpty();
    }
  }

  /// Valkey ends a full sync whose data does not fit into the older format.
  @Test
  void restore_ontoThatOfWhatValkey8CannotHold_goesByCommandsToBoth() throws Exception {
    assumeTrue(Engines.valkey81().isPresent(), "needs Valkey 8.1");
    assumeTrue(Engines.valkey9().isPresent(), "needs Valkey 9");
    Engine newer = Engines.valkey9().orElseThrow();
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestServer replica = TestServer.start(Engines.valkey81().orElseThrow(), PINGS);
        TestServer primary = TestServer.start(newer, PINGS)) {
      writeExpiringField(source);
      story.backup(source.uri());
      follow(replica, primary);
      RestoreRequest request =
          replacing(primary, Loader.AUTO)
              .with(RestoreOptions.PLAIN.with(to -> to.dropUnsupported(true)));

      RestoreResult restored = story.restore(request);

      assertThat(restored.plan().loader()).isEqualTo(Loader.RESTORE);
      assertThat(restored.plan().reason()).contains("too old for a full sync of the snapshot");
      assertThat(restored.plan().crossing().losses()).containsOnlyKeys(Loss.FIELD_EXPIRY);
      primary.awaitReplicas(1);
      assertThat(replica.info("replication")).containsEntry("master_link_status", "up");
      assertThat(replica.text("HGET", "hash", "field")).isEqualTo("value");
    }
  }

  private static void writeExpiringField(TestServer source) {
    source.call("HSET", "hash", "field", "value");
    source.call("HPEXPIRE", "hash", "9999999", "FIELDS", "1", "field");
  }
}
