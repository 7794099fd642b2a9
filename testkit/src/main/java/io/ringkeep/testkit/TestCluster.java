package io.ringkeep.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/// A cluster of real servers on loopback: primaries that share the slots evenly, each with the same
/// number of replicas.
///
/// When [Builder#start] returns, every server knows all others, serves all slots and, as a replica,
/// has synced. Put together by `CLUSTER` commands alone.
public final class TestCluster implements AutoCloseable {
  /// Number of hash slots of a cluster.
  public static final int SLOTS = 16_384;

  private static final Duration ASKS_AGAIN = Duration.ofSeconds(6);

  private final List<TestServer> servers = new ArrayList<>();
  private final int shards;

  private TestCluster(int shards) {
    this.shards = shards;
  }

  /// A cluster of primaries without replicas.
  public static TestCluster start(Engine engine, int primaries) {
    return builder(engine).primaries(primaries).start();
  }

  public static Builder builder(Engine engine) {
    return new Builder(List.of(engine));
  }

  /// A cluster in the middle of an upgrade: its servers run these engines in turn.
  public static Builder builder(List<Engine> inTurn) {
    return new Builder(inTurn);
  }

  /// What a cluster is to be like.
  public static final class Builder {
    private final List<Engine> engines;
    private int primaries = 3;
    private int replicasOfEach;
    private UnaryOperator<TestServer.Builder> settings = UnaryOperator.identity();

    private Builder(List<Engine> engines) {
      this.engines = List.copyOf(engines);
    }

    public Builder primaries(int count) {
      primaries = count;
      return this;
    }

    /// Replicas that each primary gets.
    public Builder replicasOfEach(int count) {
      replicasOfEach = count;
      return this;
    }

    /// Changes how every server is started: password, TLS, lines of configuration.
    public Builder servers(UnaryOperator<TestServer.Builder> change) {
      settings = change;
      return this;
    }

    /// Starts all servers, joins them and waits until every one of them says that all is well.
    public TestCluster start() {
      TestCluster cluster = new TestCluster(primaries);
      try {
        for (int i = 0; i < primaries * (1 + replicasOfEach); i++) {
          Engine engine = engines.get(i % engines.size());
          cluster.servers.add(settings.apply(TestServer.builder(engine).cluster()).start());
        }
        cluster.formQuickly();
        return cluster;
      } catch (RuntimeException e) {
        cluster.close();
        throw e;
      }
    }
  }

  private void set(String name, String value) {
    servers.forEach(server -> server.call("CONFIG", "SET", name, value));
  }

  /// Forms it under settings that spare waiting, and puts the others back.
  private void formQuickly() {
    Map<String, String> quick =
        Map.of(
            // Servers that lose touch wait as long before they serve again, also when they first
            // meet.
            "cluster-node-timeout", "500",
            // `CLUSTER SLOTS` leaves out replicas whose offset is 0: until the first ping.
            "repl-ping-replica-period", "1");
    Map<String, String> before = new HashMap<>();
    quick.keySet().forEach(name -> before.put(name, servers.getFirst().setting(name)));
    quick.forEach(this::set);
    form();
    before.forEach(this::set);
    awaitOk();
  }

  private void form() {
    for (int i = 0; i < shards; i++) {
      // Epochs of their own, set before they meet, spare them the vote about who is newer.
      servers.get(i).call("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
      addSlots(servers.get(i), SLOTS * i / shards, SLOTS * (i + 1) / shards);
    }
    for (TestServer server : servers) {
      for (TestServer other : servers) {
        if (other != server) {
          server.call("CLUSTER", "MEET", other.host(), Integer.toString(other.port()));
        }
      }
    }
    awaitAll("knows all servers", server -> knows(server) == servers.size());
    for (int i = shards; i < servers.size(); i++) {
      TestServer replica = servers.get(i);
      String primary = id(servers.get(i % shards));
      // The replica may not have heard yet that the other one is a primary with slots.
      replica.await("its primary", () -> tellsOk(replica, "CLUSTER", "REPLICATE", primary));
    }
    awaitOk();
  }

  private static void addSlots(TestServer server, int from, int to) {
    List<String> words = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
    for (int slot = from; slot < to; slot++) {
      words.add(Integer.toString(slot));
    }
    server.call(words.toArray(String[]::new));
  }

  /// Waits until every server that runs serves all slots and lists every replica that runs, and
  /// replicas have synced.
  public void awaitOk() {
    List<TestServer> running = servers.stream().filter(TestServer::isAlive).toList();
    awaitAll(
        "serves all slots",
        server ->
            clusterInfo(server, "cluster_state").equals("ok")
                && clusterInfo(server, "cluster_slots_ok").equals(Integer.toString(SLOTS))
                && listedReplicas(server) == running.size() - shards);
    running.stream().filter(server -> !isPrimary(server)).forEach(TestServer::awaitLinkUp);
  }

  private void awaitAll(String what, Predicate<TestServer> reached) {
    for (TestServer server : servers) {
      if (!server.isAlive()) {
        continue;
      }
      server.await("a cluster where each " + what, () -> reached.test(server));
    }
  }

  private static boolean tellsOk(TestServer server, String... words) {
    try {
      return "OK".equals(server.text(words));
    } catch (JedisDataException e) {
      return false;
    }
  }

  private static long knows(TestServer server) {
    return Long.parseLong(clusterInfo(server, "cluster_known_nodes"));
  }

  private static String clusterInfo(TestServer server, String field) {
    return Raw.fields(server.call("CLUSTER", "INFO")).getOrDefault(field, "");
  }

  /// Replicas that `CLUSTER SLOTS` names beside their primaries, for each range of these again.
  private static long listedReplicas(TestServer server) {
    return Raw.list(server.call("CLUSTER", "SLOTS")).stream()
        .flatMap(range -> Raw.list(range).stream().skip(3))
        .map(replica -> Raw.number(Raw.list(replica).get(1)))
        .distinct()
        .count();
  }

  /// All servers: first those that were primaries at the start, then their replicas.
  public List<TestServer> servers() {
    return List.copyOf(servers);
  }

  /// The servers that are primaries now.
  public List<TestServer> primaries() {
    return servers.stream().filter(server -> server.isAlive() && isPrimary(server)).toList();
  }

  /// The servers that are replicas of `primary` now.
  public List<TestServer> replicasOf(TestServer primary) {
    return servers.stream()
        .filter(TestServer::isAlive)
        .filter(server ->
            Integer.toString(primary.port()).equals(server.info("replication").get("master_port")))
        .toList();
  }

  /// The primary that serves a slot now.
  public TestServer owner(int slot) {
    TestServer asked = servers.stream().filter(TestServer::isAlive).findFirst().orElseThrow();
    for (@Nullable Object range : Raw.list(asked.call("CLUSTER", "SLOTS"))) {
      List<@Nullable Object> parts = Raw.list(range);
      if (Raw.number(parts.get(0)) <= slot && slot <= Raw.number(parts.get(1))) {
        long port = Raw.number(Raw.list(parts.get(2)).get(1));
        return servers.stream().filter(server -> server.port() == port).findFirst().orElseThrow();
      }
    }
    throw new EngineException("slot not served: " + slot);
  }

  /// The name of a server within the cluster.
  public static String id(TestServer server) {
    return server.text("CLUSTER", "MYID");
  }

  /// Makes a replica the primary of its shard, in agreement with the one that was.
  public void failOver(TestServer replica) {
    long[] asked = {System.nanoTime() - ASKS_AGAIN.toNanos()};
    replica.await(
        "its promotion",
        () -> {
          if (isPrimary(replica)) {
            return true;
          }
          // A server that is not answered in 5 s gives up, and says so nowhere.
          if (System.nanoTime() - asked[0] >= ASKS_AGAIN.toNanos()) {
            tellsOk(replica, "CLUSTER", "FAILOVER");
            asked[0] = System.nanoTime();
          }
          return false;
        });
    awaitOk();
  }

  /// Such as `redis://127.0.0.1:11001,127.0.0.1:11002`, with every server.
  public String uri() {
    String scheme = servers.getFirst().uri().replaceAll("//.*", "//");
    return servers.stream().map(TestServer::address).collect(Collectors.joining(",", scheme, ""));
  }

  private static boolean isPrimary(TestServer server) {
    return "master".equals(server.info("replication").get("role"));
  }

  /// Closes every server.
  @Override
  public void close() {
    servers.forEach(TestServer::close);
  }

  @Override
  public String toString() {
    return "cluster of " + servers;
  }
}
