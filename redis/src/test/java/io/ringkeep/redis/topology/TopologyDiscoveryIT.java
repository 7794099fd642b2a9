package io.ringkeep.redis.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.Certificates;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.Job;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.topology.Topology.SlotMove;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestSentinels;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.testkit.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Execution(ExecutionMode.CONCURRENT)
class TopologyDiscoveryIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static Endpoint endpoint(TestServer server) {
    return new Endpoint(server.host(), server.port());
  }

  private static Topology discover(String uri) {
    return TopologyDiscovery.discover(RedisUri.parse(uri), ConnectionOptions.DEFAULT);
  }

  private static List<Endpoint> endpoints(List<Server> servers) {
    return servers.stream().map(Server::endpoint).toList();
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void discover_fromAnyServerOfAChain_findsPrimaryAndReplicas(Engine engine) {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start();
        TestServer below = TestServer.builder(engine).replicaOf(replica).start()) {
      primary.call("SET", "k", "v");
      primary.awaitReplicas(1);

      for (TestServer seed : List.of(primary, replica, below)) {
        Topology topology = discover(seed.uri());

        assertThat(topology.kind()).isEqualTo(Topology.Kind.STANDALONE);
        assertThat(topology.absent()).isEmpty();
        Shard shard = topology.shards().getFirst();
        assertThat(topology.shards()).containsExactly(shard);
        assertThat(shard.id()).isEqualTo(Shard.SOLE);
        assertThat(shard.slots()).containsExactly(SlotRange.ALL);
        assertThat(shard.primary().endpoint()).isEqualTo(endpoint(primary));
        assertThat(shard.primary().role()).isEqualTo(Role.PRIMARY);
        assertThat(endpoints(shard.replicas()))
            .containsExactlyInAnyOrder(endpoint(replica), endpoint(below));
        assertThat(shard.replicas())
            .allSatisfy(server -> {
              assertThat(server.role()).isEqualTo(Role.REPLICA);
              assertThat(server.linkUp()).isTrue();
              assertThat(server.replid()).isEqualTo(shard.primary().replid());
              assertThat(server.engine()).isEqualTo(shard.primary().engine());
            });
        assertThat(shard.primary().engine().toString()).endsWith(engine.version());
        assertThat(shard.primary().replid())
            .isEqualTo(primary.info("replication").get("master_replid"));
        assertThat(shard.primary().offset()).isPositive();
        assertThat(shard.primary().runId()).isEqualTo(primary.info("server").get("run_id"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void discover_idleReplica_hasNoLag(Engine engine) {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start()) {
      primary.call("SET", "k", "v");
      primary.awaitReplicas(1);

      Server found = discover(replica.uri()).shards().getFirst().replicas().getFirst();

      assertThat(found.offset())
          .isEqualTo(Long.parseLong(primary.info("replication").get("master_repl_offset")));
      assertThat(found.lag()).isEqualTo(Duration.ZERO);
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void discover_primaryGone_isUnavailableAndNamesBoth(Engine engine) {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start()) {
      primary.kill();

      assertThatThrownBy(() -> discover(replica.uri()))
          .isInstanceOf(Unavailable.class)
          .hasMessage(
              "primary of a replica cannot be reached: replica=%s primary=%s",
              replica.address(), primary.address());
    }
  }

  @Test
  void discover_replicaOutOfReach_isAbsentWithTheReason() {
    Engine engine = Engines.redis70();
    try (TestServer primary = TestServer.start(engine);
        TestServer replica =
            TestServer.builder(engine)
                .config("replica-announce-port", "1")
                .replicaOf(primary)
                .start()) {
      Topology topology = discover(primary.uri());

      assertThat(topology.shards().getFirst().replicas()).isEmpty();
      assertThat(topology.absent()).hasSize(1);
      assertThat(topology.absent().getFirst().endpoint()).isEqualTo(new Endpoint("127.0.0.1", 1));
      assertThat(topology.absent().getFirst().reason())
          .startsWith("cannot connect: server=127.0.0.1:1");
      // Dialled itself, it is known under that address; what it announces stays absent.
      assertThat(endpoints(discover(replica.uri()).shards().getFirst().replicas()))
          .containsExactly(endpoint(replica));
    }
  }

  @Test
  void discover_replicaWithoutLink_saysSo() {
    Engine engine = Engines.redis70();
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start()) {
      primary.call("ACL", "SETUSER", "default", "-psync", "-sync");
      replica.call("REPLICAOF", "NO", "ONE");
      replica.call("REPLICAOF", primary.host(), Integer.toString(primary.port()));
      // The primary does not list it any more, but it was asked.
      Server found = discover(replica.uri()).shards().getFirst().replicas().getFirst();

      assertThat(found.endpoint()).isEqualTo(endpoint(replica));
      assertThat(found.linkUp()).isFalse();
      assertThat(found.lag()).isPositive();
    }
  }

  @Test
  void discover_firstSeedGone_asksTheNext() {
    try (TestServer gone = TestServer.start(Engines.redis70());
        TestServer server = TestServer.start(Engines.redis70())) {
      gone.kill();

      assertThat(discover("redis://" + gone.address() + "," + server.address()).servers())
          .hasSize(1);
      assertThatThrownBy(() -> discover(gone.uri())).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void discover_infoDenied_hintsTheRight() {
    try (TestServer server = TestServer.start(Engines.redis62())) {
      server.call("ACL", "SETUSER", "keeper", "on", ">open sesame", "+psync");
      ConnectionOptions options =
          ConnectionOptions.DEFAULT.withPassword(Optional.of(Secret.of("open sesame")));

      assertThatThrownBy(() ->
              TopologyDiscovery.discover(
                  RedisUri.parse("redis://keeper@" + server.address()), options))
          .isInstanceOf(AccessDenied.class)
          .satisfies(denial ->
              assertThat(((AccessDenied) denial).hint())
                  .contains("grant it with: ACL SETUSER keeper +info"));
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void discover_cluster_findsShardsWithSlotsAndReplicas(Engine engine) {
    try (TestCluster cluster = TestCluster.builder(engine).primaries(3).replicasOfEach(1).start()) {
      TestServer anyReplica = cluster.servers().getLast();
      for (String seed : List.of(cluster.servers().getFirst().uri(), anyReplica.uri())) {
        Topology topology = discover(seed);

        assertThat(topology.kind()).isEqualTo(Topology.Kind.CLUSTER);
        assertThat(topology.shards()).hasSize(3);
        assertThat(topology.unserved()).isEmpty();
        assertThat(topology.moves()).isEmpty();
        assertThat(topology.absent()).isEmpty();
        assertThat(topology.idlePrimaries()).isEmpty();
        assertThat(topology.shards().stream().mapToInt(Shard::slotCount).sum()).isEqualTo(16_384);
        for (Shard shard : topology.shards()) {
          TestServer owner = cluster.owner(shard.slots().getFirst().first());
          assertThat(shard.primary().endpoint()).isEqualTo(endpoint(owner));
          assertThat(shard.id()).isEqualTo(TestCluster.id(owner));
          assertThat(shard.primary().nodeId()).contains(shard.id());
          assertThat(endpoints(shard.replicas()))
              .containsExactlyElementsOf(
                  cluster.replicasOf(owner).stream().map(TopologyDiscoveryIT::endpoint).toList());
          assertThat(shard.replicas()).allMatch(Server::linkUp);
        }
        assertThat(topology.shards().getFirst().slots().getFirst().first()).isZero();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void discover_clusterWithTheAdvisedRightsOnly_isFound(Engine engine) {
    try (TestCluster cluster = TestCluster.start(engine, 1)) {
      TestServer server = cluster.servers().getFirst();
      ConnectionOptions keeper =
          ConnectionOptions.DEFAULT
              .withUser(Optional.of("keeper"))
              .withPassword(Optional.of(Secret.of("open sesame")));
      EngineVersion version =
          EngineVersion.parse(
              EngineVersion.Product.valueOf(engine.product().name()), engine.version());
      server.call("ACL", "SETUSER", "keeper", "on", ">open sesame");
      String line =
          AclAdvice.grant("keeper", Set.of(Job.CAPTURE), version, /* clusterEnabled= */ true);
      server.call(line.split(" ", -1));

      assertThat(
              TopologyDiscovery.discover(RedisUri.parse(cluster.uri()), keeper)
                  .shards()
                  .getFirst()
                  .slots())
          .containsExactly(SlotRange.ALL);
      assertThat(
              AclAdvice.missing(endpoint(server), keeper, Set.of(Job.CAPTURE), Set.of()).needed())
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void discover_fromServerThatIsWrongAboutASlot_waitsUntilItKnows(Engine engine) {
    try (TestCluster cluster = TestCluster.start(engine, 3)) {
      TestServer seed = cluster.owner(0);
      TestServer other = cluster.owner(8_000);
      TestServer owner = cluster.owner(16_383);
      // Its epoch is the highest, so that it is believed when it tells the others next.
      seed.call("CLUSTER", "SETSLOT", "16383", "NODE", TestCluster.id(other));

      Topology topology = discover("redis://%s:%d".formatted(seed.host(), seed.port()));

      assertThat(topology.shards().getLast().id()).isEqualTo(TestCluster.id(owner));
      assertThat(topology.shards().getLast().slots().getLast().last()).isEqualTo(16_383);
      assertThat(topology.unserved()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void discover_slotsMovingAndFailover_showsThem(Engine engine) {
    try (TestCluster cluster = TestCluster.builder(engine).primaries(3).replicasOfEach(1).start()) {
      TestServer from = cluster.owner(0);
      TestServer to = cluster.owner(16_383);
      from.call("CLUSTER", "SETSLOT", "5", "MIGRATING", TestCluster.id(to));
      to.call("CLUSTER", "SETSLOT", "5", "IMPORTING", TestCluster.id(from));

      assertThat(discover(cluster.uri()).moves())
          .containsExactly(
              new SlotMove(new SlotRange(5, 5), TestCluster.id(from), TestCluster.id(to)));

      from.call("CLUSTER", "SETSLOT", "5", "STABLE");
      to.call("CLUSTER", "SETSLOT", "5", "STABLE");
      TestServer promoted = cluster.replicasOf(from).getFirst();
      cluster.failOver(promoted);
      Topology after = discover(cluster.uri());

      assertThat(after.moves()).isEmpty();
      assertThat(after.shards().getFirst().primary().endpoint()).isEqualTo(endpoint(promoted));
      assertThat(after.shards().getFirst().primary().replid2())
          .as("the history before the failover")
          .isPresent();
    }
  }

  @Test
  void discover_clusterPrimaryDied_itsSlotsAreUnserved() {
    try (TestCluster cluster = TestCluster.start(Engines.redis62(), 3)) {
      TestServer lost = cluster.owner(16_383);
      String lostId = TestCluster.id(lost);
      Shard shard = discover(cluster.uri()).shards().getLast();
      lost.kill();
      TestServer left = cluster.owner(0);
      Waiting.until(
          () -> left.text("CLUSTER", "NODES").matches("(?s).*" + lostId + "[^\\n]* master,fail .*"),
          PATIENCE,
          () -> "the cluster to give up " + lost);

      Topology topology = discover(left.uri());

      assertThat(topology.shards()).hasSize(2);
      assertThat(topology.unserved()).isEqualTo(shard.slots());
      assertThat(topology.absent())
          .containsExactly(
              new Topology.Absent(
                  endpoint(lost), Optional.of(lostId), "its cluster lists it as fail,master"));
    }
  }

  @Test
  void discover_clusterPrimarySilentButNotGivenUp_isUnavailable() {
    try (TestCluster cluster =
        TestCluster.builder(Engines.redis70())
            .servers(server -> server.config("cluster-node-timeout", "60000"))
            .start()) {
      TestServer seed = cluster.owner(0);
      TestServer lost = cluster.owner(16_383);
      // Its settings were changed while the cluster was formed.
      cluster
          .servers()
          .forEach(server -> server.call("CONFIG", "SET", "cluster-node-timeout", "60000"));
      lost.kill();

      assertThatThrownBy(() -> discover(seed.uri()))
          .isInstanceOf(Unavailable.class)
          .hasMessageStartingWith("cannot connect: server=" + lost.address());
    }
  }

  @Test
  void discover_clusterBehindTlsAndPassword_isFound() {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT
            .withPassword(Optional.of(Secret.of("open sesame")))
            .withTls(Optional.of(Certificates.client()));
    try (TestCluster cluster =
        TestCluster.builder(Engines.redis70())
            .replicasOfEach(1)
            .servers(server ->
                server
                    .password("open sesame")
                    .tls(Certificates.OURS, /* clientsNeedCertificate= */ true))
            .start()) {
      Topology topology = TopologyDiscovery.discover(RedisUri.parse(cluster.uri()), options);

      assertThat(topology.shards().getFirst().replicas()).hasSize(1);
      assertThat(topology.absent()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void discover_sentinels_findsPrimaryReplicasAndAllSentinels(Engine engine) {
    try (TestServer primary = TestServer.builder(engine).password("open sesame").start();
        TestServer replica =
            TestServer.builder(engine).password("open sesame").replicaOf(primary).start();
        TestSentinels group = TestSentinels.watch("orders", primary, 1)) {
      ConnectionOptions options =
          ConnectionOptions.DEFAULT.withPassword(Optional.of(Secret.of("open sesame")));
      List<Endpoint> all = group.sentinels().stream().map(TopologyDiscoveryIT::endpoint).toList();
      String oneOfThem = "redis-sentinel://" + all.getLast() + "/orders";

      for (String uri : List.of(group.uri(), oneOfThem)) {
        Topology topology = TopologyDiscovery.discover(RedisUri.parse(uri), options);

        assertThat(topology.kind()).isEqualTo(Topology.Kind.SENTINEL);
        assertThat(topology.monitoredName()).contains("orders");
        assertThat(topology.sentinels()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(topology.shards()).hasSize(1);
        assertThat(topology.shards().getFirst().primary().endpoint()).isEqualTo(endpoint(primary));
        assertThat(endpoints(topology.shards().getFirst().replicas()))
            .containsExactly(endpoint(replica));
      }
    }
  }

  @Test
  void discover_someSentinelsGone_asksTheOthersAndKnowsAll() {
    try (TestServer primary = TestServer.start(Engines.redis62());
        TestSentinels group = TestSentinels.watch("orders", primary, 0)) {
      group.sentinels().getFirst().kill();

      Topology topology = discover(group.uri());

      assertThat(topology.shards().getFirst().primary().endpoint()).isEqualTo(endpoint(primary));
      assertThat(topology.sentinels()).hasSize(3);
      group.sentinels().forEach(TestServer::kill);
      assertThatThrownBy(() -> discover(group.uri()))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("cannot connect");
    }
  }

  @Test
  void discover_nameUnknownToSentinels_listsThoseTheyKnow() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestSentinels group = TestSentinels.watch("orders", primary, 0)) {
      String uri = group.uri().replace("/orders", "/carts");

      assertThatThrownBy(() -> discover(uri))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("name=carts")
          .satisfies(refusal ->
              assertThat(((InvalidRequest) refusal).hint()).contains("they know: orders"));
    }
  }

  @Test
  void discover_sentinelGivenAsServerOrServerAsSentinel_saysSo() {
    try (TestServer primary = TestServer.start(Engines.redis70());
        TestSentinels group = TestSentinels.watch("orders", primary, 0)) {
      String sentinel = group.sentinels().getFirst().address();

      assertThatThrownBy(() -> discover("redis://" + sentinel))
          .isInstanceOf(InvalidRequest.class)
          .hasMessage("a Sentinel was given as a server: server=" + sentinel);
      assertThatThrownBy(() -> discover("redis-sentinel://" + primary.address() + "/orders"))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageStartingWith("a server was given as a Sentinel: server=" + primary.address());
    }
  }
}
