package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol;

/// Moves slots with their keys from primary to primary, as `redis-cli --cluster reshard` does.
final class Resharding {
  private record Way(TestServer from, TestServer to) {}

  private Resharding() {}

  /// Spreads all slots over the first `count` servers; the others own none then.
  static void spread(TestCluster cluster, int count) {
    List<TestServer> servers = cluster.servers();
    Map<Way, List<String>> ways = new LinkedHashMap<>();
    for (Object range : Raw.list(servers.getFirst().call("CLUSTER", "SLOTS"))) {
      List<Object> parts = Raw.list(range);
      for (long slot = Raw.number(parts.get(0)); slot <= Raw.number(parts.get(1)); slot++) {
        long port = Raw.number(Raw.list(parts.get(2)).get(1));
        TestServer from = servers.stream().filter(s -> s.port() == port).findFirst().orElseThrow();
        TestServer to = servers.get((int) (slot * count / TestCluster.SLOTS));
        if (from != to) {
          ways.computeIfAbsent(new Way(from, to), _ -> new ArrayList<>()).add(Long.toString(slot));
        }
      }
    }
    ways.forEach((way, slots) -> move(cluster, way, slots));
    cluster.awaitOk();
  }

  /// Moves the first and the last `count` slots that a server owns.
  static void moveEdges(TestCluster cluster, TestServer from, TestServer to, int count) {
    List<String> owned = new ArrayList<>();
    for (Object range : Raw.list(from.call("CLUSTER", "SLOTS"))) {
      List<Object> parts = Raw.list(range);
      if (Raw.number(Raw.list(parts.get(2)).get(1)) == from.port()) {
        for (long slot = Raw.number(parts.get(0)); slot <= Raw.number(parts.get(1)); slot++) {
          owned.add(Long.toString(slot));
        }
      }
    }
    List<String> edges = new ArrayList<>(owned.subList(0, count));
    edges.addAll(owned.subList(owned.size() - count, owned.size()));
    move(cluster, new Way(from, to), edges);
    cluster.awaitOk();
  }

  /// Moves one slot.
  static void moveSlot(TestCluster cluster, int slot, TestServer from, TestServer to) {
    move(cluster, new Way(from, to), List.of(Integer.toString(slot)));
    cluster.awaitOk();
  }

  private static void move(TestCluster cluster, Way way, List<String> slots) {
    String target = TestCluster.id(way.to());
    setSlots(way.to(), slots, "IMPORTING", TestCluster.id(way.from()));
    setSlots(way.from(), slots, "MIGRATING", target);
    try (Jedis from = way.from().client()) {
      for (String slot : slots) {
        List<byte[]> keys = from.clusterGetKeysInSlotBinary(Integer.parseInt(slot), 10_000);
        if (!keys.isEmpty()) {
          List<byte[]> words = new ArrayList<>();
          String port = Integer.toString(way.to().port());
          for (String word : List.of("MIGRATE", way.to().host(), port, "", "0", "60000", "KEYS")) {
            words.add(word.getBytes(StandardCharsets.UTF_8));
          }
          words.addAll(keys);
          Raw.call(from, words.toArray(byte[][]::new));
        }
      }
    }
    setSlots(way.to(), slots, "NODE", target);
    setSlots(way.from(), slots, "NODE", target);
    for (TestServer other : cluster.servers()) {
      // Replicas refuse it, and hear of it from their primaries.
      if (other != way.from() && other != way.to() && isPrimary(other)) {
        setSlots(other, slots, "NODE", target);
      }
    }
  }

  private static boolean isPrimary(TestServer server) {
    return server.isAlive() && "master".equals(server.info("replication").get("role"));
  }

  private static void setSlots(TestServer server, List<String> slots, String state, String id) {
    try (Jedis jedis = server.client()) {
      Pipeline pipeline = jedis.pipelined();
      for (String slot : slots) {
        pipeline.sendCommand(Protocol.Command.CLUSTER, "SETSLOT", slot, state, id);
      }
      assertThat(pipeline.syncAndReturnAll()).noneMatch(Exception.class::isInstance);
    }
  }
}
