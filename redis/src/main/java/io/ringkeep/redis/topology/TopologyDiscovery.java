package io.ringkeep.redis.topology;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.ServerConnection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds out what a cache consists of, from any of its servers or Sentinels.
///
/// It only reads: `INFO` of every server, and `CLUSTER NODES`, `CLUSTER SLOTS` or `SENTINEL`.
public final class TopologyDiscovery {
  private TopologyDiscovery() {}

  /// The cache that `uri` belongs to. The URL decides about the user and TLS, see
  /// [ConnectionOptions#forUri].
  ///
  /// A server that should be there and does not answer is listed as absent, but for primaries:
  /// without them there is no cache.
  ///
  /// @param options how servers are dialled, and their Sentinels
  /// @throws Unavailable if nobody answers, a primary does not, or roles are changing right now
  /// @throws io.ringkeep.model.BackupException.AccessDenied if a primary or the first server denies
  ///   us
  /// @throws InvalidRequest if the URL names Sentinels as servers, or a name they do not know
  public static Topology discover(RedisUri uri, ConnectionOptions options) {
    ConnectionOptions servers = options.forUri(uri);
    return switch (uri.kind()) {
      case DIRECT -> fromServers(uri.endpoints(), servers);
      case KETAMA -> fromRing(uri.endpoints(), servers);
      case SENTINEL ->
          fromSentinels(
              SentinelSearch.ask(
                  uri.endpoints(), uri.monitoredName().orElseThrow(), servers.forSentinel()),
              uri.monitoredName().orElseThrow(),
              servers);
    };
  }

  private static Topology fromServers(List<Endpoint> seeds, ConnectionOptions options) {
    @Nullable Unavailable first = null;
    for (Endpoint seed : seeds) {
      try (ServerConnection connection = ServerConnection.open(seed, options)) {
        Sighting sighting = Sighting.of(connection, Optional.empty());
        return switch (sighting.mode()) {
          case "cluster" -> ClusterDiscovery.discover(connection, options);
          case "sentinel" ->
              throw new InvalidRequest(
                  "a Sentinel was given as a server: server=" + seed,
                  "write redis-sentinel://" + seed + "/NAME");
          default -> standalone(sighting, options);
        };
      } catch (Unavailable e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    throw first == null ? new IllegalStateException("no seeds") : first;
  }

  /// @throws Unavailable if one of them does not answer: its keys would be missing
  private static Topology fromRing(List<Endpoint> endpoints, ConnectionOptions options) {
    List<ReplicaTree> trees =
        Look.each(
            endpoints,
            endpoint -> {
              Sighting sighting = Sighting.of(endpoint, Optional.empty(), options);
              if (!sighting.mode().equals("standalone")) {
                throw new InvalidRequest(
                    "a ring is of standalone servers: server=%s mode=%s"
                        .formatted(endpoint, sighting.mode()),
                    "write redis://host:port for a cluster, redis-sentinel:// for Sentinels");
              }
              return ReplicaTree.around(sighting, options);
            });
    List<Shard> shards = new ArrayList<>();
    List<Topology.Absent> absent = new ArrayList<>();
    Set<String> runIds = new HashSet<>();
    for (ReplicaTree tree : trees) {
      Shard shard = tree.shard();
      if (!runIds.add(shard.primary().runId())) {
        throw new InvalidRequest(
            "two names of the ring lead to one primary: server=" + shard.primary().endpoint(),
            "name each primary once");
      }
      shards.add(
          new Shard(
              Integer.toString(shards.size()), shard.slots(), shard.primary(), shard.replicas()));
      absent.addAll(tree.absent());
    }
    return new Topology(
        Topology.Kind.KETAMA,
        shards,
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        absent);
  }

  private static Topology standalone(Sighting seed, ConnectionOptions options) {
    ReplicaTree tree = ReplicaTree.around(seed, options);
    return new Topology(
        Topology.Kind.STANDALONE,
        List.of(tree.shard()),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        tree.absent());
  }

  private static Topology fromSentinels(
      SentinelSearch search, String name, ConnectionOptions options) {
    @Nullable Unavailable failure = null;
    for (Endpoint endpoint : search.primaries()) {
      try {
        Sighting sighting = Sighting.of(endpoint, Optional.empty(), options);
        if (sighting.server().role() == Role.PRIMARY) {
          ReplicaTree tree = ReplicaTree.below(sighting, search.replicas(), options);
          return new Topology(
              Topology.Kind.SENTINEL,
              List.of(tree.shard()),
              List.of(),
              search.sentinels(),
              Optional.of(name),
              List.of(),
              List.of(),
              tree.absent());
        }
      } catch (Unavailable e) {
        failure = e;
      }
    }
    throw failure != null
        ? failure
        : new Unavailable(
            "Sentinels name a server that is no primary: servers=" + search.primaries(),
            "a failover may be under way: try again in a minute",
            null);
  }
}
