package io.ringkeep.recover;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.Rolled;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.restore.HeldReplica;
import io.ringkeep.restore.SnapshotFormat;
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.scratch.ScratchServer;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/// Brings every shard to its cut in a server of its own, and makes one snapshot of them.
/* One server a shard: a FLUSHALL or SWAPDB of one must not reach another's keys. Each stays our replica while it
 * is read, so that it expires nothing. All of them are up at once, and hold the whole dataset in this host's memory.
 */
final class RollForward {
  private final List<ShardCut> cuts;
  private final Optional<SlotMap> map;
  private final Instant moment;
  private final EngineSearch.Found engine;
  private final Repository repository;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  /// @param moment that the cuts are of
  RollForward(
      List<ShardCut> cuts,
      Optional<SlotMap> map,
      Instant moment,
      EngineSearch.Found engine,
      Repository repository,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.cuts = cuts;
    this.map = map;
    this.moment = moment;
    this.engine = engine;
    this.repository = repository;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// What came of it.
  ///
  /// @param manifest the snapshot
  /// @param commands that were replayed and change data
  record Result(Manifest manifest, long commands) {}

  /// A shard at its cut.
  private record Held(ShardCut cut, ScratchServer server, HeldReplica replica, long commands)
      implements AutoCloseable {
    @Override
    public void close() {
      replica.close();
      server.close();
    }
  }

  /// Rolls forward, and stores what comes of it as a snapshot.
  ///
  /// @param into where the snapshot goes; the same repository or another one
  /// @param incremental how it is compared with the one before, there
  /// @throws io.ringkeep.model.BackupException if the repository is damaged, or a server of our own
  ///   could not apply a command
  Result run(String cache, Repository into, Incremental incremental)
      throws IOException, InterruptedException {
    List<Held> held = new ArrayList<>();
    try (Lease lease = repository.leases().acquireRead("roll forward")) {
      for (ShardCut cut : cuts) {
        Manifest base = cut.cut().base().manifest();
        repository.snapshots(base.cache()).requireUnchanged(base);
      }
      List<Callable<Void>> rolls = new ArrayList<>();
      for (ShardCut cut : cuts) {
        rolls.add(() -> {
          Held one = roll(cut);
          synchronized (held) {
            held.add(one);
          }
          return null;
        });
      }
      Parallel.run("roll", rolls, deadline);
      lease.check();
      Manifest manifest =
          Backup.run(request(cache, held, incremental), rolled(held), into, clock, progress)
              .manifest();
      return new Result(manifest, held.stream().mapToLong(Held::commands).sum());
    } finally {
      held.forEach(Held::close);
    }
  }

  private Held roll(ShardCut cut) throws IOException, InterruptedException {
    Base base = cut.cut().base();
    LogReplay replay = new LogReplay(cut.log(), cut.cut());
    ScratchServer server = ScratchServer.start(engine.program(), databases(base.manifest()));
    try {
      HeldReplica replica =
          HeldReplica.load(
              repository,
              base.manifest(),
              base.slots(),
              server.endpoint(),
              engine.version(),
              replay,
              deadline,
              clock,
              progress);
      return new Held(cut, server, replica, replay.commands());
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /// The log may use more databases than the snapshot did.
  private static int databases(Manifest manifest) {
    int configured =
        manifest.servers().stream()
            .map(server -> server.config().getOrDefault("databases", "16"))
            .mapToInt(Integer::parseInt)
            .max()
            .orElse(16);
    return Math.max(configured, SnapshotFormat.databases(manifest));
  }

  private BackupRequest request(String cache, List<Held> held, Incremental incremental) {
    return new BackupRequest(
        cache,
        RedisUri.parse("redis://" + held.getFirst().server().endpoint()),
        ConnectionOptions.DEFAULT,
        SourcePolicy.PRIMARY,
        Duration.ZERO,
        held.size(),
        OptionalLong.empty(),
        deadline.left(),
        /* adopt= */ true,
        incremental);
  }

  private Rolled rolled(List<Held> held) {
    List<Shard> shards = new ArrayList<>();
    Map<String, Rolled.Origin> origins = new HashMap<>();
    for (Held one : held) {
      Cut cut = one.cut().cut();
      Optional<MappedShard> mapped = map.flatMap(known -> known.shard(cut.shard()));
      String id = mapped.map(MappedShard::node).orElse(cut.shard());
      shards.add(new Shard(id, slots(mapped), server(one, id), List.of()));
      origins.put(
          id,
          new Rolled.Origin(
              cut.base().shard(),
              settings(cut.base()),
              cut.stretch().replidAt(cut.offset()),
              cut.offset()));
    }
    Duration bound =
        cuts.stream()
            .flatMap(cut -> cut.cut().bound().stream())
            .max(Duration::compareTo)
            .orElse(Duration.ZERO);
    return new Rolled(topology(shards), moment, Consistency.clusterCut(bound.toMillis()), origins);
  }

  private List<SlotRange> slots(Optional<MappedShard> mapped) {
    if (map.isEmpty()) {
      return List.of(SlotRange.ALL);
    }
    return mapped
        .filter(MappedShard::serves)
        .map(shard -> Base.slots(shard.slots()))
        .orElse(List.of());
  }

  private Server server(Held held, String id) {
    Cut cut = held.cut().cut();
    return new Server(
        held.server().endpoint(),
        Optional.of(id),
        Role.PRIMARY,
        engine.version(),
        id,
        cut.stretch().replidAt(cut.offset()),
        Optional.empty(),
        cut.offset(),
        /* linkUp= */ true,
        Duration.ZERO);
  }

  private Topology topology(List<Shard> shards) {
    Map<String, String> nodes = new HashMap<>();
    map.ifPresent(known -> known.shards().forEach(shard -> nodes.put(shard.log(), shard.node())));
    List<Topology.SlotMove> moves = new ArrayList<>();
    map.ifPresent(known ->
        known
            .moves()
            .forEach(move ->
                Base.slots(move.slots())
                    .forEach(range ->
                        moves.add(
                            new Topology.SlotMove(
                                range,
                                nodes.getOrDefault(move.from(), move.from()),
                                nodes.getOrDefault(move.to(), move.to()))))));
    return new Topology(
        Topology.Kind.valueOf(
            cuts.getFirst().cut().base().manifest().topology().toUpperCase(Locale.ROOT)),
        shards,
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        moves,
        List.of());
  }

  private static ServerSidecar settings(Base base) {
    return base.manifest().servers().stream()
        .filter(server -> server.shard().equals(base.shard().id()))
        .findFirst()
        .orElseGet(() ->
            new ServerSidecar(
                base.shard().id(), List.of(), List.of(), Map.of(), List.of(), List.of(), ""));
  }
}
