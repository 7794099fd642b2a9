package io.ringkeep.recover;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.Rolled;
import io.ringkeep.backup.RolledRead;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.history.Base;
import io.ringkeep.history.Marks;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.stream.SlotImports;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.Segment;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.restore.HeldReplica;
import io.ringkeep.restore.SnapshotFormat;
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.scratch.HostRoom;
import io.ringkeep.scratch.ScratchServer;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
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
public final class RollForward {
  /// What a server needs for a key beside its bytes, at the very least.
  private static final long LEAST_OVERHEAD_BYTES = 32;

  private final Moment moment;
  private final EngineSearch.Found engine;
  private final Repository repository;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  /// @param engine as [#engine] has found it
  /// @param repository that has the bases and the logs
  public RollForward(
      Moment moment,
      EngineSearch.Found engine,
      Repository repository,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.moment = moment;
    this.engine = engine;
    this.repository = repository;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// A program that can hold all bases of a moment, and knows all commands of its logs.
  ///
  /// @param named searched for if absent
  public static EngineSearch.Found engine(Moment moment, Optional<Path> named)
      throws IOException, InterruptedException {
    List<String> sources = new ArrayList<>();
    for (ShardCut cut : moment.cuts()) {
      sources.add(lastSegment(cut).engine());
    }
    return EngineSearch.find(
        moment.cuts().stream().map(cut -> cut.cut().base().manifest()).distinct().toList(),
        named,
        version -> sources.stream().allMatch(source -> takes(version, source)));
  }

  static Segment lastSegment(ShardCut cut) throws IOException {
    Marks places = new Marks(cut.log(), cut.cut().stretch());
    return cut.log().segment(cut.cut().stretch().names().get(places.segmentOf(cut.cut().offset())));
  }

  static boolean takes(EngineVersion target, String source) {
    EngineVersion version = EngineVersion.named(source);
    return target.product() == version.product()
        ? target.isAtLeast(version.major(), version.minor())
        // Valkey began as Redis 7.2, and knows all of that.
        : target.product() == EngineVersion.Product.VALKEY && !version.isAtLeast(7, 4);
  }

  /// A snapshot that was made of the moment.
  ///
  /// @param commands that were replayed and change data
  public record Stored(Manifest manifest, long commands) {}

  /// What the servers held at the moment.
  ///
  /// @param digests of each slot
  /// @param commands that were replayed and change data
  /// @param rolled how long it took until they held it; reading them comes on top
  public record Held(SlotDigests digests, long commands, Duration rolled) {}

  /// A shard at its cut.
  private record Rolling(
      ShardCut cut, ScratchServer server, HeldReplica replica, long commands, SlotImports imports)
      implements AutoCloseable {
    @Override
    public void close() {
      replica.close();
      server.close();
    }
  }

  /// What is done with servers that hold the moment.
  private interface Use<T> {
    T of(List<Rolling> servers) throws IOException, InterruptedException;
  }

  /// Rolls forward, and stores what comes of it as a snapshot.
  ///
  /// @throws Unavailable if `base`, a snapshot that logs go on from, is wanted, and slots were just
  ///   being moved as a whole
  /// @param into where the snapshot goes; the same repository or another one
  /// @param incremental how it is compared with the one before, there
  /// @throws io.ringkeep.model.BackupException if the repository is damaged, or a server of our own
  ///   could not apply a command
  public Stored store(Repository into, Incremental incremental, boolean base)
      throws IOException, InterruptedException {
    return roll(servers -> {
      if (base && !moves(servers).settled()) {
        throw new Unavailable(
            "slots had just moved: a snapshot would not say which keys were on which shard",
            "wait until the resharding has ended",
            null);
      }
      Manifest manifest =
          Backup.run(
                  request(moment.cache(), servers, incremental),
                  rolled(servers),
                  into,
                  clock,
                  progress)
              .manifest();
      return new Stored(manifest, commands(servers));
    });
  }

  /// Rolls forward, and reads what comes of it.
  ///
  /// @throws io.ringkeep.model.BackupException as above
  public Held read() throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    return roll(servers -> {
      Duration rolled = Duration.ofNanos(System.nanoTime() - startNanos);
      SlotDigests digests =
          new RolledRead(
                  rolled(servers),
                  ScratchServer.CONNECTION,
                  repository.hashKey(),
                  deadline,
                  clock,
                  progress)
              .run();
      return new Held(digests, commands(servers), rolled);
    });
  }

  private static long commands(List<Rolling> servers) {
    return servers.stream().mapToLong(Rolling::commands).sum();
  }

  /// What the bases of a moment take in servers' memory at least.
  ///
  /// @param shards that are rolled forward
  static long leastMemory(List<ShardCut> shards) {
    return shards.stream()
        .map(cut -> cut.cut().base().shard().contents())
        .mapToLong(held -> held.bytes() + held.records() * LEAST_OVERHEAD_BYTES)
        .sum();
  }

  private <T> T roll(Use<T> use) throws IOException, InterruptedException {
    HostRoom.requireMemory(leastMemory(moment.cuts()));
    List<Rolling> held = new ArrayList<>();
    try (Lease lease = repository.leases().acquireRead("roll forward")) {
      List<ShardCut> cuts = moment.again().cuts();
      for (ShardCut cut : cuts) {
        Manifest base = cut.cut().base().manifest();
        repository.snapshots(base.cache()).requireUnchanged(base);
      }
      List<Callable<Void>> rolls = new ArrayList<>();
      for (ShardCut cut : cuts) {
        rolls.add(() -> {
          Rolling one = roll(cut);
          synchronized (held) {
            held.add(one);
          }
          return null;
        });
      }
      Parallel.run("roll", rolls, deadline);
      lease.check();
      return use.of(held);
    } finally {
      held.forEach(Rolling::close);
    }
  }

  private Rolling roll(ShardCut cut) throws IOException, InterruptedException {
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
              ScratchServer.CONNECTION,
              engine.version(),
              replay,
              deadline,
              clock,
              progress);
      return new Rolling(cut, server, replica, replay.commands(), replay.imports());
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /// The log may use more databases than the snapshot did.
  static int databases(Manifest manifest) {
    int configured =
        manifest.servers().stream()
            .map(server -> server.config().getOrDefault("databases", "16"))
            .mapToInt(Integer::parseInt)
            .max()
            .orElse(16);
    return Math.max(configured, SnapshotFormat.databases(manifest));
  }

  private BackupRequest request(String cache, List<Rolling> held, Incremental incremental) {
    return new BackupRequest(
        cache,
        RedisUri.parse("redis://" + held.getFirst().server().endpoint()),
        ScratchServer.CONNECTION,
        SourcePolicy.PRIMARY,
        Duration.ZERO,
        held.size(),
        OptionalLong.empty(),
        deadline.left(),
        /* adopt= */ true,
        incremental);
  }

  private Rolled rolled(List<Rolling> held) {
    List<Shard> shards = new ArrayList<>();
    Map<String, Rolled.Origin> origins = new HashMap<>();
    WholeMoves moves = moves(held);
    for (Rolling one : held) {
      Cut cut = one.cut().cut();
      Optional<MappedShard> mapped = moment.map().flatMap(known -> known.shard(cut.shard()));
      String id = mapped.map(MappedShard::node).orElse(cut.shard());
      shards.add(new Shard(id, slots(mapped), server(one, id), List.of()));
      origins.put(
          id,
          new Rolled.Origin(
              cut.base().shard(),
              settings(cut.base()),
              cut.stretch().replidAt(cut.offset()),
              cut.offset(),
              moves.elsewhere(cut.shard())));
    }
    return new Rolled(
        topology(shards, moves),
        moment.instant(clock),
        Consistency.clusterCut(moment.bound().toMillis()),
        origins);
  }

  private List<SlotRange> slots(Optional<MappedShard> mapped) {
    if (moment.map().isEmpty()) {
      return List.of(SlotRange.ALL);
    }
    return mapped
        .filter(MappedShard::serves)
        .map(shard -> Base.slots(shard.slots()))
        .orElse(List.of());
  }

  private Server server(Rolling held, String id) {
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
        Duration.ZERO,
        OptionalLong.empty());
  }

  private WholeMoves moves(List<Rolling> held) {
    Map<String, WholeMoves.Side> sides = new HashMap<>();
    for (Rolling one : held) {
      sides.put(one.cut().cut().shard(), new WholeMoves.Side(one.cut().cut(), one.imports()));
    }
    return new WholeMoves(sides, moment.map());
  }

  private Topology topology(List<Shard> shards, WholeMoves whole) {
    Map<String, String> nodes = new HashMap<>();
    moment
        .map()
        .ifPresent(known -> known.shards().forEach(shard -> nodes.put(shard.log(), shard.node())));
    List<Topology.SlotMove> moves = new ArrayList<>();
    moment
        .map()
        .ifPresent(known ->
            known
                .moves()
                .forEach(move ->
                    whole
                        .others(move)
                        .forEach(range ->
                            moves.add(
                                new Topology.SlotMove(
                                    range,
                                    nodes.getOrDefault(move.from(), move.from()),
                                    nodes.getOrDefault(move.to(), move.to()))))));
    return new Topology(
        Topology.Kind.valueOf(
            moment.cuts().getFirst().cut().base().manifest().topology().toUpperCase(Locale.ROOT)),
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
