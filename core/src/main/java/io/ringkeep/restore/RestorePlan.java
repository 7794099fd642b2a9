package io.ringkeep.restore;

import io.ringkeep.check.CheckLine;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.manifest.Manifest;
import java.util.List;

/// What a restore will do: a value to print and test before anything runs.
///
/// @param request what was asked
/// @param manifest the snapshot
/// @param topology the target
/// @param servers the target's shards as they stand
/// @param loader the one chosen, never [Loader#AUTO]
/// @param reason why that loader
/// @param checks all that was looked at; none of them failed
/// @param expiredNow about how many records have expired already
/// @param expiringWithinHour about how many more will within the hour
/// @param steps what will be done, in order
/// @param destroys what will be lost on the target
/// @param warnings what the operator should know beforehand
public record RestorePlan(
    RestoreRequest request,
    Manifest manifest,
    Topology topology,
    List<TargetServer> servers,
    Loader loader,
    String reason,
    List<CheckLine> checks,
    long expiredNow,
    long expiringWithinHour,
    List<String> steps,
    List<String> destroys,
    List<String> warnings) {

  /// True if the target holds no key.
  public boolean emptyTarget() {
    return servers.stream().allMatch(server -> server.keys() == 0);
  }
}
