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

  /// Replicas that repeat each command that the primary is sent: now, or when they are connected
  /// again and need no full sync for that. A server that has another history is none, whatever it
  /// says it is: nothing that it holds is this primary's.
  public List<Server> followers() {
    return replicas.stream().filter(this::resumes).toList();
  }

  /// Engines of the [#followers], each once.
  public List<EngineVersion> followerEngines() {
    return followers().stream().map(Server::engine).distinct().toList();
  }

  private boolean resumes(Server replica) {
    return replica.linkUp()
        ? replica.replid().equals(primary.replid())
        : primary.goesOnFrom(replica.replid(), replica.offset());
  }

  /// Replicas that can't load what their primary writes for them. While they follow they hold what
  /// they can; a full sync empties them for good.
  public List<Server> tooOldReplicas() {
    return replicas.stream()
        .filter(replica -> !replica.engine().canSyncFrom(primary.engine()))
        .toList();
  }

  public int slotCount() {
    return slots.stream().mapToInt(SlotRange::slotCount).sum();
  }
}
