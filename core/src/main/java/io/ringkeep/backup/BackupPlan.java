package io.ringkeep.backup;

import io.ringkeep.redis.topology.Topology;
import java.util.List;

/// What a backup will do: a value to print and test before anything runs.
///
/// @param request what was asked
/// @param topology the source as it was discovered
/// @param captures one for each shard
/// @param warnings what the operator should know beforehand
public record BackupPlan(
    BackupRequest request, Topology topology, List<ShardCapture> captures, List<String> warnings) {}
