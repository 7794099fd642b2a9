package io.ringkeep.redis.topology;

import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The servers of a cache, as they were found at one moment.
///
/// @param shards at least one outside a cluster; by first slot, those of a ring as in its URL
/// @param idlePrimaries primaries of a cluster that serve no slot
/// @param sentinels all that watch the cache, as far as they could be found
/// @param monitoredName the primary's name at its Sentinels
/// @param unserved slots of a cluster without a primary that works
/// @param moves slots on their way from one shard to another
/// @param absent servers that belong here and did not answer
public record Topology(
    Kind kind,
    List<Shard> shards,
    List<Server> idlePrimaries,
    List<Endpoint> sentinels,
    Optional<String> monitoredName,
    List<SlotRange> unserved,
    List<SlotMove> moves,
    List<Absent> absent) {

  /// How the cache is run.
  public enum Kind {
    /// One primary and what follows it.
    STANDALONE,
    /// The same, watched by Sentinels.
    SENTINEL,
    /// Shards that share the slots among themselves.
    CLUSTER,
    /// Standalone servers on a ring of their clients, in the order of their URL. Each may have keys
    /// of any slot.
    KETAMA
  }

  public Topology {
    shards = List.copyOf(shards);
    idlePrimaries = List.copyOf(idlePrimaries);
    sentinels = List.copyOf(sentinels);
    unserved = List.copyOf(unserved);
    moves = List.copyOf(moves);
    absent = List.copyOf(absent);
  }

  /// Slots that are being moved: their keys may stand on either side.
  ///
  /// @param from node id of the primary that still owns them
  /// @param to node id of the primary that takes them
  /// @param whole whether no key counts there before all do: what has come is marked in the RDB of
  ///   the primary that takes them, and is no client's to see
  public record SlotMove(SlotRange slots, String from, String to, boolean whole) {
    /// One that goes key by key.
    public SlotMove(SlotRange slots, String from, String to) {
      this(slots, from, to, /* whole= */ false);
    }
  }

  /// A server that should be there.
  ///
  /// @param reason why it is not listed with the others
  public record Absent(Endpoint endpoint, Optional<String> nodeId, String reason) {}

  /// Every server that answered, primaries first.
  public List<Server> servers() {
    return Stream.of(
            shards.stream().map(Shard::primary),
            idlePrimaries.stream(),
            shards.stream().flatMap(shard -> shard.replicas().stream()))
        .flatMap(servers -> servers)
        .toList();
  }
}
