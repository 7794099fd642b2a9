package io.ringkeep.archive;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.log.SlotMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Tells the shards of a cluster from one another, whoever of their servers is the primary.
///
/// A shard's log is named by the node id of the primary that it was first seen with, with a number
/// behind it if another log has that name. After a failover it is known by its members: the new
/// primary was a replica of it. Primaries that serve no slot yet are shards too: keys move there
/// before slots do. Safe for any number of threads.
final class ClusterView {
  private final BackupRequest request;

  // All below is guarded by this.
  private final Set<Endpoint> seeds = new LinkedHashSet<>();
  // By the name of its log: node ids of its primary, first, and its replicas.
  private final Map<String, List<String>> members = new LinkedHashMap<>();
  private Map<String, Shard> shards = Map.of();

  /// @param before what was seen last, if anything was
  ClusterView(BackupRequest request, Optional<SlotMap> before) {
    this.request = request;
    seeds.addAll(request.source().endpoints());
    before.ifPresent(
        map -> map.shards().forEach(shard -> members.put(shard.log(), membersFirst(shard))));
  }

  private static List<String> membersFirst(SlotMap.MappedShard shard) {
    return Stream.concat(Stream.of(shard.node()), shard.members().stream()).distinct().toList();
  }

  /// Looks at the cluster: any of the servers that were seen last may answer, or were named.
  ///
  /// @throws io.ringkeep.model.BackupException if none does, or a primary does not
  Topology look() {
    RedisUri source;
    synchronized (this) {
      RedisUri asked = request.source();
      source =
          new RedisUri(
              asked.kind(),
              asked.tls(),
              asked.user(),
              seeds(),
              asked.ring(),
              asked.monitoredName());
    }
    Topology topology = TopologyDiscovery.discover(source, Sources.quickly(request.connection()));
    take(topology);
    return topology;
  }

  /// Takes note of what a look has shown.
  synchronized void take(Topology topology) {
    // Those that have answered first: one that hangs costs each look its time.
    seeds.clear();
    topology.servers().forEach(server -> seeds.add(server.endpoint()));
    seeds.addAll(request.source().endpoints());
    Map<String, Shard> found = new TreeMap<>();
    // A primary without slots may have left the shard that has its log still.
    name(topology.shards(), found);
    name(
        topology.idlePrimaries().stream()
            .map(server -> new Shard(server.nodeId().orElseThrow(), List.of(), server, List.of()))
            .toList(),
        found);
    found.forEach((log, shard) -> members.put(log, ids(shard)));
    shards = found;
  }

  private void name(List<Shard> all, Map<String, Shard> found) {
    List<Shard> unnamed = new ArrayList<>();
    for (Shard shard : all) {
      // By its primary first: a replica may have been given to another shard meanwhile.
      Optional<String> log = named(shard, found.keySet(), /* byPrimaryAlone= */ true);
      log.ifPresentOrElse(name -> found.put(name, shard), () -> unnamed.add(shard));
    }
    for (Shard shard : unnamed) {
      String log =
          named(shard, found.keySet(), /* byPrimaryAlone= */ false)
              .orElseGet(() -> newName(shard.id(), found.keySet()));
      found.put(log, shard);
    }
  }

  private Optional<String> named(Shard shard, Set<String> taken, boolean byPrimaryAlone) {
    return members.entrySet().stream()
        .filter(entry -> !taken.contains(entry.getKey()))
        .filter(entry ->
            byPrimaryAlone
                ? entry.getValue().getFirst().equals(shard.id())
                : entry.getValue().contains(shard.id()) || entry.getKey().equals(shard.id()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /// The shard that a node was the first primary of may have its id as a name still, after the node
  /// left it.
  private String newName(String id, Set<String> taken) {
    String name = id;
    for (int number = 2; taken.contains(name) || members.containsKey(name); number++) {
      name = id + "-" + number;
    }
    return name;
  }

  private static List<String> ids(Shard shard) {
    return Stream.concat(
            Stream.of(shard.id()),
            shard.replicas().stream().flatMap(replica -> replica.nodeId().stream()).sorted())
        .toList();
  }

  /// Who is asked, one after the other.
  synchronized List<Endpoint> seeds() {
    return List.copyOf(seeds);
  }

  /// The shards at the last look, by the names of their logs.
  synchronized Map<String, Shard> shards() {
    return Map.copyOf(shards);
  }

  /// What the last look has shown.
  ///
  /// @param sinceMicros when it was last seen otherwise, by the primaries' clocks
  /// @param timeMicros when it was looked at
  synchronized SlotMap map(Topology topology, long sinceMicros, long timeMicros) {
    List<SlotMap.MappedShard> mapped = new ArrayList<>();
    Map<String, String> logs = new HashMap<>();
    shards.forEach((log, shard) -> {
      logs.put(shard.id(), log);
      mapped.add(
          new SlotMap.MappedShard(
              log, shard.id(), shard.primary().replid(), ids(shard), text(shard.slots())));
    });
    List<SlotMap.Move> moves = new ArrayList<>();
    for (Topology.SlotMove move : topology.moves()) {
      String from = logs.get(move.from());
      String to = logs.get(move.to());
      if (from != null && to != null) {
        moves.add(new SlotMap.Move(move.slots().toString(), from, to));
      }
    }
    return new SlotMap(
        SlotMap.FORMAT,
        ArchiveStatus.micros(sinceMicros),
        ArchiveStatus.micros(timeMicros),
        mapped,
        moves);
  }

  private static String text(List<SlotRange> slots) {
    return slots.stream().map(SlotRange::toString).collect(Collectors.joining(","));
  }

  /// Finds the shard whose log has this name.
  ShardFinder finder(String log) {
    return new ShardFinder() {
      @Override
      public Found find() {
        Topology topology = look();
        Shard shard = shards().get(log);
        if (shard == null) {
          throw new Unavailable(
              "the shard has no primary now: shard=" + log, "a failover may be under way", null);
        }
        return new Found(topology, shard);
      }

      @Override
      public boolean moved(Endpoint primary, boolean silent) {
        Shard shard = shards().get(log);
        return shard != null && !shard.primary().endpoint().equals(primary);
      }
    };
  }
}
