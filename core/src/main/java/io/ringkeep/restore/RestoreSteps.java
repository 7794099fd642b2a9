package io.ringkeep.restore;

import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;

/// What a restore does and destroys, in words.
final class RestoreSteps {
  private RestoreSteps() {}

  /// What will be done, in order.
  static List<String> steps(
      RestoreRequest request,
      Topology topology,
      boolean holdsData,
      Loader loader,
      PlanScan.Result scan) {
    List<String> steps = new ArrayList<>();
    boolean sentinel = topology.kind() == Topology.Kind.SENTINEL && loader == Loader.REPLICATION;
    if (request.existing() == Existing.REPLACE) {
      steps.add("read the whole snapshot once and compare it with its digests");
    }
    if (request.options().undo() && holdsData) {
      steps.add(
          "back up what the target holds, as cache %s"
              .formatted(UndoSnapshot.cache(request.cache())));
    }
    if (request.options().delta()) {
      steps.add("read the keys from the target and send only those that differ");
    }
    if (request.options().surplus()) {
      steps.add("then delete the selected keys of the target that the snapshot does not have");
    }
    if (sentinel) {
      steps.add("keep the Sentinels from failing over: " + topology.sentinels());
    }
    for (Shard shard : topology.shards()) {
      if (loader == Loader.REPLICATION) {
        steps.add(
            "make %s a replica of this process and send it an RDB"
                .formatted(shard.primary().endpoint()));
      } else {
        if (request.existing() == Existing.REPLACE) {
          steps.add("FLUSHALL on " + shard.primary().endpoint());
        }
        steps.add(
            "send RESTORE commands for %s to %s"
                .formatted(
                    topology.kind() == Topology.Kind.KETAMA
                        ? "the keys that the ring has there"
                        : "slots " + shard.slots(),
                    shard.primary().endpoint()));
      }
    }
    scan.hot()
        .ifPresent(hot ->
            steps.add("of these, the %d keys that were used most first".formatted(hot.keys())));
    if (scan.crossing().byCommands() > 0) {
      steps.add(
          "write %d of the records as commands, each under a name of its own until it is whole"
              .formatted(scan.crossing().byCommands()));
    }
    if (request.proof() == Proof.TARGET) {
      steps.add(
          request.existing() == Existing.MERGE
              ? "read the restored keys back and compare their digests"
              : "read the target back and compare slot digests");
    }
    if (loader == Loader.REPLICATION) {
      steps.add("promote it to a primary again");
    }
    if (sentinel) {
      steps.add("let the Sentinels watch again");
    }
    return steps;
  }

  /// What will be lost on the target.
  ///
  /// @param whole whether all of the snapshot is restored, functions too
  static List<String> destroys(
      RestoreRequest request,
      Manifest manifest,
      List<TargetServer> servers,
      boolean whole,
      Surplus.Found surplus) {
    if (surplus.keys() > 0) {
      return List.of(
          "%d keys that the snapshot does not have: first=%s"
              .formatted(surplus.keys(), surplus.examples()));
    }
    if (request.existing() != Existing.REPLACE) {
      return List.of();
    }
    List<String> destroys = new ArrayList<>();
    for (TargetServer server : servers) {
      if (server.keys() > 0) {
        destroys.add("%d keys on %s".formatted(server.keys(), server.facts().endpoint()));
      }
      List<String> libraries = server.librariesBeside(manifest).orElse(List.of());
      if (whole && !libraries.isEmpty()) {
        destroys.add(
            "function libraries on %s: %s".formatted(server.facts().endpoint(), libraries));
      }
    }
    return destroys;
  }
}
