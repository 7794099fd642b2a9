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
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.restore.Selection;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Targets whose replicas are no plain followers: cut off, never synced, out of reach, or of
/// another ability than the primary's.
class OddReplicaIT {
  @Test
  void restore_ofWhatNeitherCanHold_isNotPutDownToTheReplica() throws Exception {
    assumeTrue(Engines.redis80().isPresent(), "needs a server whose hash fields can expire");
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis80().orElseThrow());
        TestServer replica = TestServer.start(Engines.redis62(), PINGS);
        TestServer primary = TestServer.start(Engines.redis70(), PINGS)) {
      source.call("HSET", "hash", "field", "value");
      source.call("HPEXPIRE", "hash", "9999999", "FIELDS", "1", "field");
      source.call("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() end)");
      story.backup(source.uri());
      follow(replica, primary);

      BackupException.TargetRefused refused =
          catchThrowableOfType(
              BackupException.TargetRefused.class,
              () -> story.restore(replacing(primary, Loader.AUTO)));
      RestoreOptions selection =
          RestoreOptions.PLAIN.with(to -> to.selection(only(LogicalType.HASH)));
      List<CheckLine> whole =
          Restore.check(replacing(primary, Loader.AUTO), story.repository(), Story.CLOCK);
      List<CheckLine> selected =
          Restore.check(
              replacing(primary, Loader.AUTO).with(selection), story.repository(), Story.CLOCK);

      assertThat(refused.hint().orElseThrow()).startsWith("restore --dry-run");
      assertThat(whole.toString()).contains("they get no functions");
      assertThat(selected.toString())
          .contains("too old for a full sync from their primary")
          .doesNotContain("they get no functions");
    }
  }

  /// It is connected to nobody for the moment, and goes on when it is.
  @Test
  void restore_whileTheReplicaIsCutOff_isOnBothWhenItIsBack() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.start(Engines.redis62(), PINGS);
        TestServer primary = TestServer.start(Engines.redis70(), PINGS)) {
      write(source);
      story.backup(source.uri());
      follow(replica, primary);
      replica.call("CONFIG", "SET", "masterauth", "wrong");
      primary.call("CLIENT", "KILL", "TYPE", "replica");
      replica.await(
          "no link", () -> "down".equals(replica.info("replication").get("master_link_status")));

      // Asked by its own address: who is cut off is listed nowhere.
      RestoreResult restored = story.restore(replacing(replica, Loader.AUTO));

      assertThat(restored.plan().loader()).isEqualTo(Loader.RESTORE);
      assertThat(restored.plan().crossing().byCommands()).isPositive();
      replica.call("CONFIG", "SET", "masterauth", "");
      replica.awaitLinkUp();
      primary.awaitReplicas(1);
      assertThat(primary.info("stats")).containsEntry("sync_partial_err", "0");
      assertThat(portable(source).differences(portable(replica))).isEmpty();
    }
  }

  /// It asks for a full sync again and again, and has nothing to lose.
  @Test
  void restore_besideAReplicaThatNeverGotAnything_goesByReplicationAndWarns() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.start(Engines.redis62());
        TestServer primary = TestServer.start(Engines.redis70())) {
      write(source);
      story.backup(source.uri());
      replica.call("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));

      RestoreResult restored = story.restore(replacing(replica, Loader.AUTO));

      assertThat(restored.plan().loader()).isEqualTo(Loader.REPLICATION);
      assertThat(restored.plan().warnings().toString())
          .contains("replicas are too old for a full sync from their primary")
          .contains(port(replica));
      assertThat(portable(source).differences(portable(primary))).isEmpty();
    }
  }

  /// It announces an address that leads nowhere.
  @Test
  void restore_besideAReplicaThatCannotBeAsked_warns() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70());
        TestServer primary = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.start(Engines.redis70(), "replica-announce-port 1")) {
      write(source);
      story.backup(source.uri());
      replica.call("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
      replica.awaitLinkUp();

      List<CheckLine> lines =
          Restore.check(replacing(primary, Loader.AUTO), story.repository(), Story.CLOCK);
      RestoreResult restored = story.restore(replacing(primary, Loader.AUTO));

      assertThat(lines)
          .anySatisfy(line -> {
            assertThat(line.level()).isEqualTo(CheckLine.Level.WARN);
            assertThat(line.finding()).startsWith("replicas could not be asked: 127.0.0.1:1 ");
          });
      assertThat(restored.plan().warnings().toString())
          .contains("replicas could not be asked: 127.0.0.1:1 ");
    }
  }

  /// What makes a consumer on the replica is not what would make it on the primary alone.
  @Test
  void restore_byUserWhoLacksWhatTheReplicaTakes_isDeniedBeforeAnythingChanges() throws Exception {
    assumeTrue(Engines.redis60().isPresent(), "needs Redis 6.0");
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.start(Engines.redis60().orElseThrow(), PINGS);
        TestServer primary = TestServer.start(Engines.redis62(), PINGS)) {
      source.call("XADD", "stream", "1-1", "field", "value");
      source.call("XGROUP", "CREATE", "stream", "group", "0");
      source.call("XREADGROUP", "GROUP", "group", "worker", "STREAMS", "stream", ">");
      story.backup(source.uri());
      follow(replica, primary);
      primary.call("ACL", "SETUSER", "mender", "on", ">pass", "~*", "+@all", "-xreadgroup");
      ConnectionOptions mender =
          ConnectionOptions.DEFAULT
              .withUser(Optional.of("mender"))
              .withPassword(Optional.of(Secret.of("pass")));
      replica.call("ACL", "SETUSER", "mender", "on", ">pass", "~*", "+@all");
      RestoreRequest request = Story.as(mender, replacing(primary, Loader.RESTORE));

      BackupException.AccessDenied denied =
          catchThrowableOfType(BackupException.AccessDenied.class, () -> story.restore(request));

      assertThat(denied).hasMessageContaining("[+xreadgroup]");
      assertThat(primary.text("GET", "kept")).isEqualTo("by both");
      primary.call("ACL", "SETUSER", "mender", "+xreadgroup");
      story.restore(request);
      primary.awaitReplicas(1);
      assertThat((List<?>) replica.call("XINFO", "CONSUMERS", "stream", "group")).hasSize(1);
    }
  }

  private static Selection only(LogicalType type) {
    return new Selection(
        List.of(),
        List.of(),
        Set.of(),
        Set.of(type),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Set.of());
  }
}
