package io.ringkeep.redis.topology;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.topology.Topology.Absent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A primary outside a cluster with all that replicate from it, directly or through other replicas.
///
/// @param shard the primary and those replicas that answered
/// @param absent those that did not
record ReplicaTree(Shard shard, List<Absent> absent) {
  /// Replicas of replicas of replicas are rare; circles are possible.
  private static final int LONGEST_CHAIN = 8;

  /// The tree that `seed` stands in: upwards to its primary, then down.
  ///
  /// @throws Unavailable if a primary on the way up cannot be reached from here
  static ReplicaTree around(Sighting seed, ConnectionOptions options) {
    Sighting top = seed;
    for (int hops = 0; top.server().role() == Role.REPLICA; hops++) {
      Endpoint from = top.server().endpoint();
      Endpoint primary = top.primary().orElseThrow(() -> noPrimary(from, "no address", null));
      if (hops == LONGEST_CHAIN) {
        throw noPrimary(from, "too many replicas in a chain", null);
      }
      try {
        top = Sighting.of(primary, Optional.empty(), options);
      } catch (Unavailable e) {
        throw noPrimary(from, primary.toString(), e);
      }
    }
    boolean seedIsReplica = seed.server().role() == Role.REPLICA;
    // Its primary may announce the seed under another address.
    return below(top, seedIsReplica ? List.of(seed.server().endpoint()) : List.of(), options);
  }

  private static Unavailable noPrimary(
      Endpoint replica, String primary, @Nullable Throwable cause) {
    return new Unavailable(
        "primary of a replica cannot be reached: replica=" + replica + " primary=" + primary,
        "the replica names its primary by an address that must work from here too; if a restore onto"
            + " it was killed, run 'REPLICAOF NO ONE' there and restore again with --existing replace",
        cause);
  }

  /// The primary, what is connected to it, and `others` if they answer.
  static ReplicaTree below(
      Sighting primary, Collection<Endpoint> others, ConnectionOptions options) {
    Set<Endpoint> next = new LinkedHashSet<>(others);
    next.addAll(primary.replicas());
    Set<Endpoint> asked = new HashSet<>();
    Set<String> runIds = new HashSet<>(Set.of(primary.server().runId()));
    List<Server> replicas = new ArrayList<>();
    List<Absent> absent = new ArrayList<>();
    while (!next.isEmpty()) {
      asked.addAll(next);
      Set<Endpoint> below = new LinkedHashSet<>();
      for (Look look : Look.atAll(next, options)) {
        switch (look) {
          case Look.Seen(Sighting sighting) -> {
            below.addAll(sighting.replicas());
            if (runIds.add(sighting.server().runId()) && sighting.server().role() == Role.REPLICA) {
              replicas.add(Look.judgeLag(sighting.server(), primary.server()));
            }
          }
          case Look.Missed(Endpoint endpoint, String reason) ->
              absent.add(new Absent(endpoint, Optional.empty(), reason));
        }
      }
      below.removeAll(asked);
      next = below;
    }
    return new ReplicaTree(
        new Shard(Shard.SOLE, List.of(SlotRange.ALL), primary.server(), replicas), absent);
  }
}
