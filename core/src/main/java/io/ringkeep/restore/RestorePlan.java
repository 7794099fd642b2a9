package io.ringkeep.restore;

import io.ringkeep.check.CheckLine;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.SnapshotLosses;
import io.ringkeep.repository.manifest.Manifest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a restore will do: a value to print and test before anything runs.
///
/// @param request what was asked
/// @param manifest the snapshot
/// @param missing what of it can't be had any more and is left out
/// @param topology the target
/// @param servers the target's shards as they stand
/// @param loader the one chosen, never [Loader#AUTO]
/// @param reason why that loader
/// @param moment the now that expiries are reckoned from
/// @param selected what of the snapshot is restored; empty if all of it is, unchanged
/// @param crossing what is written as commands, and what the target can't hold
/// @param hot what is sent before all else; empty if all comes in the order of its slots
/// @param checks all that was looked at; none of them failed
/// @param expiredNow about how many records have expired already
/// @param expiringWithinHour about how many more will within the hour
/// @param steps what will be done, in order
/// @param destroys what will be lost on the target
/// @param warnings what the operator should know beforehand
public record RestorePlan(
    RestoreRequest request,
    Manifest manifest,
    SnapshotLosses missing,
    Topology topology,
    List<TargetServer> servers,
    Loader loader,
    String reason,
    Instant moment,
    Optional<Selected> selected,
    Crossing crossing,
    Optional<HotKeys> hot,
    List<CheckLine> checks,
    long expiredNow,
    long expiringWithinHour,
    List<String> steps,
    List<String> destroys,
    List<String> warnings) {

  /// How many records are restored.
  public long records() {
    return selected.map(Selected::records).orElse(manifest.records() - missing.keys());
  }

  /// Bytes of their keys and values, about.
  public long bytes() {
    return selected
        .map(Selected::bytes)
        .orElse(missing.none() ? manifest.bytes() : share(manifest.bytes(), manifest, missing));
  }

  /// The part of a sum over all records that those which can be had make up, about.
  static long share(long sum, Manifest manifest, SnapshotLosses missing) {
    return manifest.records() == 0
        ? 0
        : Math.round(sum * (1 - missing.keys() / (double) manifest.records()));
  }

  /// The slots that are restored.
  List<SlotRange> slots() {
    return missing.readable();
  }

  /// What turns the snapshot's records into those of the target; one for each thread.
  Shaping shaping(HashKey key) {
    return new Shaping(request.options(), key, manifest.time(), moment);
  }

  /// True if the target holds no key.
  public boolean emptyTarget() {
    return !TargetServer.anyHoldsKeys(servers);
  }

  /// True if the target holds keys, or function libraries that it loses.
  boolean targetHoldsData() {
    return !emptyTarget() || !destroys.isEmpty();
  }
}
