package io.ringkeep.archive;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;

/// The shard of a cache that is no cluster.
final class SoleShard implements ShardFinder {
  private static final int LOOKS_PER_DISCOVERY = 5;

  private final BackupRequest request;
  private final Lineage lineage;
  private int looks;

  SoleShard(BackupRequest request, Lineage lineage) {
    this.request = request;
    this.lineage = lineage;
  }

  @Override
  public Found find() {
    Topology topology =
        TopologyDiscovery.discover(request.source(), Sources.quickly(request.connection()));
    lineage.check(topology);
    return new Found(topology, topology.shards().getFirst());
  }

  @Override
  public boolean moved(Endpoint primary, boolean silent) {
    return request.source().kind() == RedisUri.Kind.SENTINEL
        && (++looks % LOOKS_PER_DISCOVERY == 0 || silent)
        && !find().shard().primary().endpoint().equals(primary);
  }
}
