package io.ringkeep.redis.topology;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.topology.Topology.Absent;
import io.ringkeep.redis.topology.Topology.SlotMove;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads a cluster's topology: the view of one of its servers, then every server itself.
/* How it works: CLUSTER NODES of the seed says who exists and who owns which slot; CLUSTER SLOTS says
 * by which addresses the cluster wants to be called. Then all primaries are asked at once, for INFO
 * and for the slots they are moving, which only they know; then all replicas, so that a replica's
 * offset is younger than its primary's. A view in which a primary turns out to be none is of a
 * failover under way, and one in which it has other slots than it says itself is of a move that the
 * seed has not heard of: it is taken again. */
final class ClusterDiscovery {
  private static final int TRIES = 5;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final ServerConnection seed;
  private final ConnectionOptions options;
  private final List<Absent> absent = new ArrayList<>();

  private ClusterDiscovery(ServerConnection seed, ConnectionOptions options) {
    this.seed = seed;
    this.options = options;
  }

  static Topology discover(ServerConnection seed, ConnectionOptions options) {
    for (int left = TRIES; ; left--) {
      try {
        return new ClusterDiscovery(seed, options).run();
      } catch (Changing e) {
        if (left == 1) {
          throw new Unavailable(
              "cluster is changing: " + e.getMessage(), "try again in a minute", e);
        }
        pause();
      }
    }
  }

  private Topology run() {
    List<ClusterNode> known = ClusterNode.parse(seed.text("CLUSTER", "NODES"));
    Map<String, Endpoint> preferred =
        ClusterSlots.endpoints(seed.command("CLUSTER", "SLOTS"), seed.endpoint().host());
    List<ClusterNode> present = new ArrayList<>();
    for (ClusterNode node : known) {
      if (node.isPresent()) {
        present.add(node);
      } else if (node.port() != 0 && !node.address().isEmpty()) {
        absent.add(
            new Absent(
                node.endpoint(seed.endpoint().host()),
                Optional.of(node.id()),
                "its cluster lists it as "
                    + String.join(",", node.flags().stream().sorted().toList())));
      }
    }
    List<ClusterNode> primaries = present.stream().filter(ClusterNode::isPrimary).toList();
    List<Primary> seen = Look.each(primaries, node -> lookAt(node, endpoint(node, preferred)));
    List<Shard> shards = new ArrayList<>();
    List<Server> idle = new ArrayList<>();
    Set<SlotMove> moves = new LinkedHashSet<>();
    for (Primary primary : seen) {
      moves.addAll(primary.moves);
      List<Server> replicas = replicas(primary, present, preferred);
      if (primary.node.slots().isEmpty()) {
        idle.add(primary.server);
      } else {
        shards.add(new Shard(primary.node.id(), primary.node.slots(), primary.server, replicas));
      }
    }
    shards.sort(Comparator.comparing(shard -> shard.slots().getFirst()));
    return new Topology(
        Topology.Kind.CLUSTER,
        shards,
        idle,
        List.of(),
        Optional.empty(),
        ClusterNode.unserved(primaries),
        List.copyOf(moves),
        absent);
  }

  private Endpoint endpoint(ClusterNode node, Map<String, Endpoint> preferred) {
    String host = seed.endpoint().host();
    if (node.isMyself()) {
      return seed.endpoint();
    }
    return preferred.getOrDefault(node.id(), node.endpoint(host));
  }

  private Primary lookAt(ClusterNode node, Endpoint endpoint) {
    try (ServerConnection connection = ServerConnection.open(endpoint, options)) {
      Server server = Sighting.of(connection, Optional.of(node.id())).server();
      if (server.role() != Role.PRIMARY) {
        throw Changing.role(endpoint);
      }
      List<ClusterNode> itsView = ClusterNode.parse(connection.text("CLUSTER", "NODES"));
      if (!node.isToldAlikeIn(itsView)) {
        throw Changing.slots(endpoint);
      }
      return new Primary(node, server, moves(itsView, connection, server));
    }
  }

  private static List<SlotMove> moves(
      List<ClusterNode> itsView, ServerConnection connection, Server server) {
    List<SlotMove> moves = new ArrayList<>();
    for (ClusterNode node : itsView) {
      moves.addAll(node.moves());
    }
    moves.addAll(AtomicMigrations.running(connection, server.engine()));
    return moves;
  }

  private List<Server> replicas(
      Primary primary, List<ClusterNode> present, Map<String, Endpoint> preferred) {
    List<ClusterNode> nodes =
        present.stream()
            .filter(node -> !node.isPrimary())
            .filter(node -> node.primaryId().equals(Optional.of(primary.node.id())))
            .toList();
    List<Look> looks =
        Look.each(
            nodes, node -> Look.at(endpoint(node, preferred), Optional.of(node.id()), options));
    List<Server> replicas = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      switch (looks.get(i)) {
        case Look.Seen(Sighting sighting) -> {
          if (sighting.server().role() != Role.REPLICA) {
            throw Changing.role(sighting.server().endpoint());
          }
          replicas.add(Look.judgeLag(sighting.server(), primary.server));
        }
        case Look.Missed(Endpoint endpoint, String reason) ->
            absent.add(new Absent(endpoint, Optional.of(nodes.get(i).id()), reason));
      }
    }
    return replicas;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted while waiting for a cluster to settle", "look again", e);
    }
  }

  private record Primary(ClusterNode node, Server server, List<SlotMove> moves) {}

  /// The view is older than a failover, or than the end of a slot's move.
  private static final class Changing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Changing(String text) {
      super(text);
    }

    static Changing role(Endpoint server) {
      return new Changing("its servers' roles differ from what they tell: server=" + server);
    }

    static Changing slots(Endpoint server) {
      return new Changing("its servers do not agree on who has which slot: server=" + server);
    }
  }
}
