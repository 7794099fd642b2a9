package io.ringkeep.backup;

import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;

/// The decision which server of a shard is captured.
///
/// @param shard the shard
/// @param server the one of its servers that is read
/// @param reason why this one, in words for the operator
public record ShardCapture(Shard shard, Server server, String reason) {}
