package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.Certificates;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.rdb.RdbItem.ChecksumState;
import io.ringkeep.redis.replication.PsyncReply.FullResync;
import io.ringkeep.redis.replication.ReplicaLink.Options;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engine.Product;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestSentinels;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// The replica's side of the link against real servers.
@Execution(ExecutionMode.CONCURRENT)
class ReplicaLinkIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ConnectionOptions PLAIN = ConnectionOptions.DEFAULT;

  static Stream<Arguments> enginesAndForms() {
    return Engines.all()
        .flatMap(engine -> Stream.of(Arguments.of(engine, "yes"), Arguments.of(engine, "no")));
  }

  @ParameterizedTest(name = "{0} diskless={1}")
  @MethodSource("enginesAndForms")
  void rdb_ofEachEngineAndForm_isWholeAtTheServersOffset(Engine engine, String diskless)
      throws IOException {
    try (TestServer server = TestServer.start(engine, "repl-diskless-sync " + diskless)) {
      server.call("DEBUG", "POPULATE", "20000", "key", "100");
      try (TestServer replica = TestServer.builder(engine).replicaOf(server).start()) {
        server.call("SELECT", "3");
        server.call("SET", "three", "3");
        server.awaitReplicas(1);
        for (TestServer source : List.of(server, replica)) {
          assertWholeAtItsOffset(source);
        }
      }
    }
  }

  private static void assertWholeAtItsOffset(TestServer source) throws IOException {
    try (ReplicaLink link = link(source, Options.SNAPSHOT)) {
      long before = Rdbs.offset(source);
      FullResync full = link.fullResync(PATIENCE);
      Rdbs.Content content = Rdbs.content(Rdbs.readAll(link.rdb()));
      assertThat(content.keys()).isEqualTo(Map.of(0, 20_000L, 3, 1L));
      assertThat(content.end().checksum()).isEqualTo(ChecksumState.VERIFIED);
      assertThat(content.aux()).containsEntry("repl-id", full.replid());
      assertThat(content.aux()).containsEntry("repl-offset", Long.toString(full.offset()));
      assertThat(full.replid()).isEqualTo(source.info("replication").get("master_replid"));
      // Between the two the primary may have pinged its replica.
      assertThat(full.offset()).isBetween(before, Rdbs.offset(source));
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void rdb_ofAClustersServer_isWhole(Engine engine) throws IOException {
    try (TestServer server = TestServer.builder(engine).cluster().start()) {
      for (int first = 0; first < 16384; first += 4096) {
        String[] words = new String[4098];
        words[0] = "CLUSTER";
        words[1] = "ADDSLOTS";
        for (int i = 0; i < 4096; i++) {
          words[i + 2] = Integer.toString(first + i);
        }
        server.call(words);
      }
      server.call("DEBUG", "POPULATE", "5000", "key", "100");
      try (ReplicaLink link = link(server, Options.SNAPSHOT)) {
        FullResync full = link.fullResync(PATIENCE);
        Rdbs.Content content = Rdbs.content(Rdbs.readAll(link.rdb()));
        assertThat(content.keys()).isEqualTo(Map.of(0, 5000L));
        assertThat(full.offset()).isEqualTo(Rdbs.offset(server));
      }
    }
  }

  @ParameterizedTest(name = "{0} diskless={1}")
  @MethodSource("enginesAndForms")
  void commandStream_behindTheRdb_countsToTheServersOffset(Engine engine, String diskless)
      throws IOException {
    try (TestServer server = TestServer.start(engine, "repl-diskless-sync " + diskless);
        ReplicaLink link = link(server, Options.STREAM)) {
      server.call("SET", "before", "1");
      FullResync full = link.fullResync(PATIENCE);
      Rdbs.Content content = Rdbs.content(Rdbs.readAll(link.rdb()));
      assertThat(content.keys()).isEqualTo(Map.of(0, 1L));
      server.call("SET", "after", "12345");
      link.acknowledge(full.offset());
      ByteBuffer stream = ByteBuffer.allocateDirect(10_000);
      String text = "";
      while (!text.contains("12345")) {
        link.readCommands(stream);
        text = StandardCharsets.ISO_8859_1.decode(stream.duplicate().flip()).toString();
      }
      assertThat(text).contains("SELECT", "SET", "after");
      assertThat(link.offset()).isEqualTo(full.offset() + stream.position());
      assertThat(link.offset()).isEqualTo(Rdbs.offset(server));
    }
  }

  @ParameterizedTest(name = "{0} diskless={1}")
  @MethodSource("enginesAndForms")
  void rdb_sourceKilledInTheMiddle_isUnavailable(Engine engine, String diskless)
      throws IOException {
    try (TestServer server = TestServer.start(engine, "repl-diskless-sync " + diskless)) {
      server.call("DEBUG", "POPULATE", "200000", "key", "400");
      Options impatient =
          new Options(
              /* rdbOnly= */ true,
              /* emptyRdb= */ false,
              Optional.of("9.9.9"),
              Duration.ofSeconds(3));
      try (ReplicaLink link = link(server, impatient)) {
        link.fullResync(PATIENCE);
        ReadableByteChannel rdb = link.rdb();
        assertThat(rdb.read(ByteBuffer.allocateDirect(1000))).isPositive();
        List<ProcessHandle> children =
            ProcessHandle.of(server.pid()).orElseThrow().descendants().toList();
        server.kill();
        // The saving child of Redis 6.0 outlives its parent for ever, our connection in its hands.
        boolean silent =
            diskless.equals("yes")
                && !engine.isAtLeast(Product.REDIS, 6, 2)
                && engine.product() == Product.REDIS;
        assertThatThrownBy(() -> Rdbs.readAll(rdb))
            .isInstanceOf(Unavailable.class)
            .hasMessageContaining(
                silent ? "source fell silent in mid-RDB" : "source went away in mid-RDB")
            .hasMessageMatching(".* bytes=[1-9][0-9]+.*");
        children.forEach(ProcessHandle::destroyForcibly);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void fullResync_userLacksAnyRight_hintIsTheLineThatGrantsIt(Engine engine) throws IOException {
    try (TestServer server = TestServer.start(engine)) {
      ConnectionOptions options =
          PLAIN.withUser(Optional.of("backup")).withPassword(Optional.of(Secret.of("secret")));
      for (String missing : List.of("ping", "replconf", "psync")) {
        server.call(
            "ACL", "SETUSER", "backup", "reset", "on", ">secret", "+psync", "+replconf", "+ping");
        server.call("ACL", "SETUSER", "backup", "-" + missing);
        BackupException failure =
            catchThrowableOfType(BackupException.class, () -> readWholly(server, options));
        assertThat(failure).as(missing).isInstanceOf(AccessDenied.class);
        assertThat(failure.exitCode()).isEqualTo(5);
        String hint = failure.hint().orElseThrow();
        assertThat(hint).contains("ACL SETUSER backup +psync +replconf +ping");
        String line = hint.substring(hint.indexOf("ACL SETUSER"));
        server.call(line.split(" ", -1));
        readWholly(server, options);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void open_wrongOrMissingPassword_isAccessDenied(Engine engine) throws IOException {
    try (TestServer server = TestServer.builder(engine).password("right").start()) {
      assertThatThrownBy(() -> link(server, Options.SNAPSHOT)).isInstanceOf(AccessDenied.class);
      assertThatThrownBy(
              () -> readWholly(server, PLAIN.withPassword(Optional.of(Secret.of("wr0ng")))))
          .isInstanceOf(AccessDenied.class)
          .hasMessageNotContaining("wr0ng");
      readWholly(server, PLAIN.withPassword(Optional.of(Secret.of("right"))));
    }
  }

  @Test
  void fullResync_hashFieldsThatExpireOnValkey_needAnAnnouncedVersion() throws IOException {
    Optional<Engine> valkey9 =
        Engines.list().stream()
            .filter(engine -> engine.isAtLeast(Product.VALKEY, 9, 0))
            .findFirst();
    assumeThat(valkey9).as("Valkey 9").isPresent();
    try (TestServer server = TestServer.start(valkey9.orElseThrow())) {
      server.call("HSET", "h", "f", "v", "g", "w");
      server.call("HEXPIRE", "h", "10000", "FIELDS", "1", "f");
      byte[] rdb = Rdbs.of(server);
      assertThat(new String(rdb, 0, 9, StandardCharsets.US_ASCII)).isEqualTo("VALKEY080");
      assertThat(Rdbs.content(rdb).keys()).isEqualTo(Map.of(0, 1L));
      Options silent =
          new Options(
              /* rdbOnly= */ true, /* emptyRdb= */ false, Optional.empty(), Duration.ofSeconds(10));
      assertThatThrownBy(
              () -> {
                try (ReplicaLink link = link(server, silent)) {
                  link.fullResync(PATIENCE);
                  Rdbs.readAll(link.rdb());
                }
              })
          .isInstanceOf(Unavailable.class);
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void fullResync_serverLoads_waitsUntilItHas(Engine engine) throws Exception {
    // A load that takes a while for each key, and listens to clients after each 2 MiB.
    try (TestServer server = TestServer.start(engine, "rdbcompression no", "key-load-delay 2000")) {
      server.call("DEBUG", "POPULATE", "2500", "key", "4000");
      Thread reload =
          Thread.ofVirtual()
              .start(() -> {
                try (Jedis other = server.client()) {
                  Raw.call(other, "DEBUG", "RELOAD");
                }
              });
      server.await("its loading", () -> "1".equals(server.info("persistence").get("loading")));
      try (ReplicaLink link = link(server, Options.SNAPSHOT)) {
        link.fullResync(PATIENCE);
        assertThat(Rdbs.content(Rdbs.readAll(link.rdb())).keys()).isEqualTo(Map.of(0, 2500L));
      }
      reload.join();
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void fullResync_replicaWithoutItsPrimary_waitsUntilItIsBack(Engine engine) throws Exception {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start()) {
      primary.call("SET", "k", "v");
      primary.restart();
      primary.stop();
      try (ReplicaLink link = link(replica, Options.SNAPSHOT)) {
        Thread back =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    Thread.sleep(1500);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  primary.start();
                });
        long start = System.nanoTime();
        link.fullResync(PATIENCE);
        assertThat(System.nanoTime() - start).isGreaterThan(1_000_000_000L);
        assertThat(Rdbs.content(Rdbs.readAll(link.rdb())).keys()).isEqualTo(Map.of(0, 1L));
        back.join();
      }
    }
  }

  @Test
  void link_whilePrimaryIsWatched_isNoReplicaToSentinels() throws Exception {
    Engine engine = Engines.list().getFirst();
    // Sentinels read INFO every ten seconds, or every second while a failover runs.
    try (TestServer primary = TestServer.start(engine, "repl-diskless-sync yes");
        TestSentinels sentinels = TestSentinels.watch("cache", primary, 0)) {
      primary.call("CONFIG", "SET", "repl-diskless-sync-delay", "13");
      try (ReplicaLink link = link(primary, Options.STREAM)) {
        Thread sync = Thread.ofVirtual().start(() -> link.fullResync(PATIENCE));
        long until = System.nanoTime() + Duration.ofSeconds(12).toNanos();
        boolean seen = false;
        while (System.nanoTime() < until) {
          boolean now =
              primary.info("replication").toString().contains("port=65536,state=wait_bgsave");
          if (now && !seen) {
            Topology topology = TopologyDiscovery.discover(RedisUri.parse(primary.uri()), PLAIN);
            assertThat(topology.shards().getFirst().replicas()).isEmpty();
          }
          seen |= now;
          Thread.sleep(200);
        }
        assertThat(seen).isTrue();
        for (TestServer sentinel : sentinels.sentinels()) {
          assertThat(Raw.number(sentinels.state(sentinel).get("num-slaves"))).isZero();
        }
        sync.join();
      }
    }
  }

  @Test
  void rdb_overTls_isWhole() throws IOException {
    Engine engine = Engines.list().getLast();
    try (TestServer server =
        TestServer.builder(engine)
            .tls(Certificates.OURS, /* clientsNeedCertificate= */ true)
            .start()) {
      server.call("DEBUG", "POPULATE", "50000", "key", "1000");
      try (ReplicaLink link =
          ReplicaLink.open(
              Rdbs.endpoint(server),
              PLAIN.withTls(Optional.of(Certificates.client())),
              Options.SNAPSHOT)) {
        link.fullResync(PATIENCE);
        assertThat(Rdbs.content(Rdbs.readAll(link.rdb())).keys()).isEqualTo(Map.of(0, 50_000L));
      }
    }
  }

  private static void readWholly(TestServer server, ConnectionOptions options) throws IOException {
    try (ReplicaLink link = ReplicaLink.open(Rdbs.endpoint(server), options, Options.SNAPSHOT)) {
      link.fullResync(PATIENCE);
      Rdbs.content(Rdbs.readAll(link.rdb()));
    }
  }

  private static ReplicaLink link(TestServer server, Options options) {
    return ReplicaLink.open(Rdbs.endpoint(server), PLAIN, options);
  }
}
