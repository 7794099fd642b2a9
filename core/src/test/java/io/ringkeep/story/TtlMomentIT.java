package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.Timelines;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.Loader;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TcpRelay;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.verify.MomentDrill;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// Keys that expire: a moment has those that had not been dropped by then, as a replica would.
class TtlMomentIT {
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path spool;

  static Stream<Engine> engines() {
    return Stream.of(Engines.redis70(), Engines.newest()).distinct();
  }

  /// A replica stands behind a relay that stops forwarding amid writes: what it holds then, keys
  /// past their end included, is what the log gives at its offset. After a promotion these are
  /// gone, and no others.
  @ParameterizedTest
  @MethodSource("engines")
  void moment_ofKeysThatExpire_equalsAReplicaThatStoppedThere(Engine engine) throws Exception {
    try (TestServer source = TestServer.start(engine);
        TcpRelay relay = TcpRelay.to(source);
        TestServer replica = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      Manifest held;
      try (MixedLoad load = MixedLoad.to(source, Seeds.seed("TtlMomentIT"))) {
        archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
        replica.call("REPLICAOF", source.host(), Integer.toString(relay.port()));
        replica.awaitLinkUp();
        long before = load.written();
        archiving.await("load", () -> load.written() > before + 3_000);
        relay.pause();
        held = readReplica(story, source, replica);
        long later = load.written();
        archiving.await("writes behind it", () -> load.written() > later + 100);
      }
      long offset = held.shards().getFirst().offset();
      archiving.awaitCaughtUp(source);
      RecoveryTarget moment = new RecoveryTarget.Offset(offset);

      MomentDrill.Result rolled =
          MomentDrill.run(
              "default",
              moment,
              Timelines.NEWEST,
              Optional.of(engine.server()),
              HOUR,
              story.repository(),
              Story.CLOCK,
              Progress.silent());
      assertThat(rolled.moment().cuts().getFirst().cut().offset()).isEqualTo(offset);
      assertThat(rolled.proof().digest()).isEqualTo(held.digest());

      Thread.sleep(MixedLoad.LONGEST_MILLIS);
      story.restoreTo(target, moment, Loader.REPLICATION, Optional.of(engine.server()));
      long lasting = 0;
      for (int database = 0; database < MixedLoad.DATABASES; database++) {
        assertThat(MixedLoad.lasting(target, database))
            .isEqualTo(MixedLoad.lasting(replica, database));
        lasting += MixedLoad.lasting(target, database).size();
        assertThat(expiring(target, database)).isZero();
      }
      assertThat(held.records()).isGreaterThan(lasting);
    }
  }

  private static long expiring(TestServer server, int database) {
    try (Jedis client = server.client()) {
      Raw.call(client, "SELECT", Integer.toString(database));
      return Raw.list(Raw.call(client, "KEYS", "expiring:*")).size();
    }
  }

  /// A snapshot of what a replica holds, under a name whose digests compare.
  private static Manifest readReplica(Story story, TestServer source, TestServer replica)
      throws Exception {
    BackupRequest plain = story.request(source.uri() + "," + replica.address());
    return story
        .backup(
            new BackupRequest(
                "other",
                plain.source(),
                plain.connection(),
                SourcePolicy.REPLICA,
                HOUR,
                plain.forksPerHost(),
                plain.limitBytesPerSecond(),
                plain.timeout(),
                plain.adopt(),
                plain.incremental()))
        .manifest();
  }
}
