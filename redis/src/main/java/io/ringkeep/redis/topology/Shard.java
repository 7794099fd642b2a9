package io.ringkeep.redis.topology;

import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.EngineVersion;
import java.util.List;

/// A primary and its replicas, and the slots they serve.
///
/// @param id the primary's node id in a cluster, on a ring its number in the URL's order, else `0`
/// @param slots in order, without gaps that could be joined; every slot outside a cluster
public record Shard(String id, List<SlotRange> slots, Server primary, List<Server> replicas) {
  /// Id of the only shard of a cache that is no cluster.
  public static final String SOLE = "0";

  public Shard {
    slots = List.copyOf(slots);
    replicas = List.copyOf(replicas);
  }

  /// Engines of the replicas that follow the primary now: they repeat each command that it is sent.
  public List<EngineVersion> followers() {
    return replicas.stream().filter(Server::linkUp).map(Server::engine).distinct().toList();
  }

  /// Replicas that can't load what their primary writes for them. While their link holds they
  /// follow; a full sync empties them for good.
  public List<Server> tooOldReplicas() {
    return replicas.stream()
        .filter(replica -> !replica.engine().canSyncFrom(primary.engine()))
        .toList();
  }

  public int slotCount() {
    return slots.stream().mapToInt(SlotRange::slotCount).sum();
  }
}
