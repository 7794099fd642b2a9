package io.ringkeep.backup;

import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.ServerSidecar;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/// Shards that were rolled forward to one moment in servers of our own, ready to be read.
///
/// @param topology those servers as the primaries of the shards; slots and moves as they were then
/// @param moment that all of them show, and none goes beyond
/// @param consistency how exactly
/// @param origins where each came from, by the shard's id
public record Rolled(
    Topology topology, Instant moment, Consistency consistency, Map<String, Origin> origins) {
  /// How such a snapshot came, as its manifest says.
  static final String ORIGIN = "log";

  /// Where a shard came from.
  ///
  /// @param base the shard as it was captured last
  /// @param settings of its server then
  /// @param replid history that it was rolled forward in
  /// @param offset of that history
  /// @param elsewhere slots whose keys, if there are any, count on another shard
  public record Origin(
      ManifestShard base, ServerSidecar settings, String replid, long offset, BitSet elsewhere) {}

  public Rolled {
    origins = Map.copyOf(origins);
  }

  private Origin origin(Shard shard) {
    Origin origin = origins.get(shard.id());
    if (origin == null) {
      throw new IllegalArgumentException("no origin: shard=" + shard.id());
    }
    return origin;
  }

  /// Slots of a shard whose keys count on another one.
  BitSet elsewhere(Shard shard) {
    return origin(shard).elsewhere();
  }

  ManifestShard manifest(CapturedShard shard) {
    Origin origin = origin(shard.capture().shard());
    ManifestShard read = shard.manifest();
    return new ManifestShard(
        read.id(),
        read.slots(),
        origin.base().endpoint(),
        origin.base().nodeId(),
        origin.base().role(),
        origin.base().engine(),
        read.rdbVersion(),
        origin.replid(),
        origin.offset(),
        moment,
        moment,
        read.contents());
  }

  ServerSidecar sidecar(CapturedShard shard, boolean encrypted) {
    ServerSidecar before = origin(shard.capture().shard()).settings();
    ServerSidecar read = shard.sidecar(encrypted);
    return new ServerSidecar(
        read.shard(),
        read.functions(),
        read.moduleAux(),
        encrypted ? before.config() : Map.of(),
        encrypted ? before.acl() : List.of(),
        before.modules(),
        before.slotMap());
  }
}
