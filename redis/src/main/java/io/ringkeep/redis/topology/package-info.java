/// What a cache consists of: its servers, their roles, the slots they serve and who watches them.
///
/// A [io.ringkeep.redis.topology.Topology] is a list of [io.ringkeep.redis.topology.Shard]s, each a
/// primary [io.ringkeep.redis.topology.Server] and its replicas; a standalone cache is one shard
/// with every slot. [io.ringkeep.redis.topology.TopologyDiscovery] finds it from any of its servers
/// or Sentinels; [io.ringkeep.redis.topology.Sentinels] keeps Sentinel from failing a primary over
/// while it is being restored.
///
/// Invariants: no slot belongs to two shards, but on a ring, where slots mean nothing; every server
/// listed was connected to and answered; what should be there and did not answer is listed as
/// absent, with the reason.
///
/// Read [io.ringkeep.redis.topology.Topology] first.
@NullMarked
package io.ringkeep.redis.topology;

import org.jspecify.annotations.NullMarked;
