package io.ringkeep.backup;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Decides from a topology what a backup will read.
public final class BackupPlanner {
  private BackupPlanner() {}

  /// Discovers the source and decides. Asks every server of it; forks none.
  ///
  /// @throws BackupException if slots are unserved, no server may be read, or the source is not the
  ///   one that the cache's last snapshot came from
  public static BackupPlan plan(BackupRequest request, Repository repository) throws IOException {
    Topology topology = TopologyDiscovery.discover(request.source(), request.connection());
    if (!request.adopt()) {
      Optional<Manifest> before = newestReadable(repository.snapshots(request.cache()));
      if (before.isPresent()) {
        requireSameCache(request.cache(), before.get(), topology);
      }
    }
    return plan(request, topology);
  }

  /// Whether a source shares a server or a history of writes with a cache's last snapshot; empty if
  /// there is none.
  public static Optional<Boolean> sharesWithLast(
      Repository repository, String cache, Topology topology) throws IOException {
    return newestReadable(repository.snapshots(cache)).map(last -> shares(last, topology));
  }

  private static boolean shares(Manifest previous, Topology topology) {
    return previous.shards().stream().anyMatch(shard -> sharesIdentity(shard, topology));
  }

  /// A damaged manifest is the trouble of its own snapshot, not of the next backup.
  private static Optional<Manifest> newestReadable(SnapshotCatalog catalog) throws IOException {
    for (SnapshotReference reference : catalog.references().reversed()) {
      try {
        return Optional.of(catalog.read(reference));
      } catch (BackupException.CorruptData e) {
        // The one before may do.
      }
    }
    return Optional.empty();
  }

  /// Decides for a topology that is known.
  static BackupPlan plan(BackupRequest request, Topology topology) {
    if (!topology.unserved().isEmpty()) {
      throw new BackupException.Unavailable(
          "slots without a primary: slots=" + topology.unserved(),
          "a snapshot holds all shards or none: bring the cluster back to cluster_state:ok first",
          null);
    }
    if (request.via() == Via.SCAN && !topology.moves().isEmpty()) {
      throw new BackupException.Unavailable(
          "slots are being moved, and a scan finds their keys on neither side: slots="
              + topology.moves(),
          "wait until the resharding has ended",
          null);
    }
    List<ShardCapture> captures = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    if (request.via() == Via.SCAN) {
      warnings.add(
          "keys are read one by one, each at a moment of its own: those that are written meanwhile"
              + " may be there in either state, or not at all");
    }
    for (Shard shard : topology.shards()) {
      ShardCapture capture = choose(request, shard);
      captures.add(capture);
      if (request.from() == SourcePolicy.PREFER_REPLICA
          && capture.server().equals(shard.primary())) {
        warnings.add(
            "shard %s is read from its primary: %s".formatted(shard.id(), capture.reason()));
      }
    }
    return new BackupPlan(request, topology, List.copyOf(captures), List.copyOf(warnings));
  }

  private static ShardCapture choose(BackupRequest request, Shard shard) {
    if (request.from() == SourcePolicy.PRIMARY) {
      return new ShardCapture(shard, shard.primary(), "the primary was asked for");
    }
    Optional<Server> replica =
        shard.replicas().stream()
            .filter(server -> healthy(server, request))
            .max(Comparator.comparingLong(Server::offset));
    if (replica.isPresent()) {
      return new ShardCapture(shard, replica.get(), "a healthy replica");
    }
    String why =
        shard.replicas().isEmpty()
            ? "it has no replica"
            : "no replica is healthy: "
                + shard.replicas().stream()
                    .map(server -> describe(server))
                    .collect(Collectors.joining(", "));
    if (request.from() == SourcePolicy.REPLICA) {
      throw new BackupException.Unavailable(
          "shard %s of %s can't be read from a replica: %s"
              .formatted(shard.id(), shard.primary().endpoint(), why),
          "wait for a replica within --max-lag %ds, or allow the primary with --from prefer-replica"
              .formatted(request.maxLag().toSeconds()),
          null);
    }
    return new ShardCapture(shard, shard.primary(), why);
  }

  private static boolean healthy(Server replica, BackupRequest request) {
    return replica.linkUp() && replica.lag().compareTo(request.maxLag()) <= 0;
  }

  private static String describe(Server replica) {
    return replica.linkUp()
        ? "%s lags %ds".formatted(replica.endpoint(), replica.lag().toSeconds())
        : "%s has lost its primary".formatted(replica.endpoint());
  }

  private static void requireSameCache(String cache, Manifest previous, Topology topology) {
    if (shares(previous, topology)) {
      return;
    }
    throw new BackupException.InvalidRequest(
        "the source shares no replication id, node id or address with the last snapshot of this"
            + " cache:"
            + " cache=%s snapshot=%s source=%s last=%s"
                .formatted(
                    cache,
                    previous.id(),
                    topology.shards().stream()
                        .map(shard -> shard.primary().endpoint().toString())
                        .toList(),
                    previous.shards().stream().map(ManifestShard::endpoint).toList()),
        "name another cache with --cache, or pass --adopt if this one took the other's place");
  }

  private static boolean sharesIdentity(ManifestShard before, Topology topology) {
    Set<String> identities =
        topology.shards().stream()
            .flatMap(shard -> Stream.concat(Stream.of(shard.primary()), shard.replicas().stream()))
            .flatMap(server ->
                Stream.concat(
                    Stream.of(server.replid(), server.endpoint().toString()),
                    server.nodeId().stream()))
            .collect(Collectors.toSet());
    return identities.contains(before.replid())
        || identities.contains(before.endpoint())
        || before.nodeId().filter(identities::contains).isPresent();
  }
}
