package io.ringkeep.backup;

import io.ringkeep.capture.FullRead;
import io.ringkeep.capture.ScanRead;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.Position;
import io.ringkeep.model.Slot;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotWriter;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/// Reads every shard of a plan and stores what they hold, each key once.
///
/// Shards are read at moments of their own, and slots may change owner in between: then a key can
/// be found on two shards, or on none. So the topology is looked at again afterwards. If slots have
/// moved that were not known to, everything is read once more, with those slots read from both
/// sides, or, if they moved as a whole, from where they are now; what was stored before is given
/// up.
final class Capture {
  /// How the warning begins that a snapshot keeps if slots were being moved meanwhile.
  static final String SLOTS_MOVED =
      "slots were being moved, and keys that moved between two reads may be missing: slots=";

  /// The same of slots all of whose keys are in it once.
  static final String SLOTS_MOVED_WHOLE =
      "slots were being moved as a whole, so no log can be replayed onto this snapshot: slots=";

  private static final int ATTEMPTS = 3;

  private final BackupRequest request;
  private final Repository repository;
  private final SnapshotWriter writer;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;
  private final RateLimit limit;
  private final Optional<Rolled> rolled;
  private final Optional<RingFilter> ring;
  private BackupPlan plan;

  /// @param rolled servers of our own, which nobody moves slots on any more, if these are read
  Capture(
      BackupPlan plan,
      Optional<Rolled> rolled,
      Repository repository,
      SnapshotWriter writer,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.plan = plan;
    this.rolled = rolled;
    this.request = plan.request();
    this.repository = repository;
    this.writer = writer;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
    this.limit = RateLimit.of(request.limitBytesPerSecond());
    this.ring = request.source().ring().map(RingFilter::new);
  }

  /// What was read and stored.
  ///
  /// @param topology it was read from
  /// @param shards one for each shard
  /// @param warnings what the operator should know
  record Result(Topology topology, List<CapturedShard> shards, List<String> warnings) {

    /// Time between the earliest and the latest shard's moment.
    long skewMillis() {
      LongSummaryStatistics moments =
          shards.stream()
              .mapToLong(shard -> shard.dataset().forked().toEpochMilli())
              .summaryStatistics();
      return moments.getMax() - moments.getMin();
    }
  }

  Result run() throws IOException, InterruptedException {
    BitSet known = new BitSet(Slot.COUNT);
    ArrivedSlots arrived = new ArrivedSlots();
    for (int attempt = 1; ; attempt++) {
      MovingSlots moving = MovingSlots.of(plan.topology(), known);
      List<CapturedShard> shards = readAll(moving, arrived);
      if (ring.isPresent()) {
        return new Result(plan.topology(), shards, ring.get().warnings(plan.topology()));
      }
      BitSet surprises =
          MovingSlots.heldTwice(shards.stream().map(shard -> shard.contents().sums()).toList());
      List<ArrivedSlots.Read> reads =
          shards.stream()
              .map(shard -> new ArrivedSlots.Read(shard.capture().shard(), shard.dataset()))
              .toList();
      // A scan has no offset that could be compared, a shard rolled forward one of its own replid.
      BitSet again = request.via() == Via.PSYNC ? known : new BitSet();
      if (rolled.isEmpty()) {
        surprises.or(arrived.missedIn(reads, again));
      }
      Topology after =
          rolled.isPresent()
              ? plan.topology()
              : TopologyDiscovery.discover(request.source(), request.connection());
      surprises.or(arrived.changedAsAWhole(plan.topology(), reads, after));
      boolean unsure = !surprises.isEmpty();
      BitSet others = MovingSlots.changedOwner(plan.topology(), after);
      others.andNot(moving.slots());
      surprises.or(others);
      BitSet begun = MovingSlots.of(after, surprises).slots();
      BitSet whole = arrived.andMoving(plan.topology(), reads, after);
      if (surprises.isEmpty()) {
        return result(shards, moving, begun, whole);
      }
      if (attempt == ATTEMPTS) {
        if (unsure) {
          throw new BackupException.Unavailable(
              "slots move faster than they can be read: slots=" + MovingSlots.ranges(surprises),
              "wait until the resharding has ended",
              null);
        }
        return result(shards, moving, begun, whole);
      }
      progress.note("slots have moved, reading again: slots=" + MovingSlots.ranges(surprises));
      if (request.via() == Via.PSYNC) {
        arrived.takeFrom(surprises, plan.topology(), reads, after);
      }
      known = moving.slots();
      known.or(surprises);
      plan = BackupPlanner.plan(request, after);
      writer.startOver();
    }
  }

  /// @param begun slots that were not read from both sides, and were being moved at the end
  /// @param whole slots that moved as a whole
  private Result result(List<CapturedShard> shards, MovingSlots moving, BitSet begun, BitSet whole)
      throws IOException {
    List<String> warnings = new ArrayList<>();
    BitSet named = moving.slots();
    named.or(begun);
    if (!named.isEmpty()) {
      warnings.add(SLOTS_MOVED + MovingSlots.ranges(named));
      try (ShardWriter shard = writer.shard()) {
        moving.writeTo(shard);
        shard.finish();
      }
    }
    whole.andNot(named);
    if (!whole.isEmpty()) {
      warnings.add(SLOTS_MOVED_WHOLE + MovingSlots.ranges(whole));
    }
    return new Result(plan.topology(), shards, warnings);
  }

  private List<CapturedShard> readAll(MovingSlots moving, ArrivedSlots arrived)
      throws IOException, InterruptedException {
    Map<String, Semaphore> forks = new HashMap<>();
    List<Callable<CapturedShard>> reads = new ArrayList<>();
    for (ShardCapture capture : plan.captures()) {
      Semaphore fork =
          forks.computeIfAbsent(
              capture.server().endpoint().host(),
              host -> new Semaphore(request.forksPerHost(), /* fair= */ true));
      reads.add(() -> {
        if (rolled.isEmpty() && plan.topology().kind() == Topology.Kind.CLUSTER) {
          CatchUp.await(capture, request.connection(), deadline);
        }
        fork.acquire();
        try {
          return read(capture, moving, arrived);
        } finally {
          fork.release();
        }
      });
    }
    return Parallel.run("capture", reads, deadline);
  }

  private CapturedShard read(ShardCapture capture, MovingSlots moving, ArrivedSlots arrived)
      throws IOException {
    Endpoint endpoint = capture.server().endpoint();
    ServerSettings settings = ServerSettings.read(endpoint, request.connection());
    try (Progress.Task task =
            progress.begin(
                "shard %s from %s".formatted(capture.shard().id(), endpoint),
                settings.datasetBytes());
        ShardWriter shard = writer.shard()) {
      Topology topology = plan.topology();
      BitSet elsewhere =
          rolled.map(servers -> servers.elsewhere(capture.shard())).orElseGet(BitSet::new);
      FullRead.Consumer consumer =
          (position, fingerprint, record) -> {
            if (ring.isPresent() && !ring.get().isAtHome(capture.shard(), record)) {
              return;
            }
            int slot = Position.slot(position);
            if (elsewhere.get(slot) || arrived.areElsewhere(capture.shard(), slot)) {
              return;
            }
            if (moving.contains(slot)) {
              moving.add(
                  position,
                  fingerprint,
                  record,
                  MovingSlots.arrivesAt(capture.shard(), slot, topology));
            } else {
              shard.accept(position, fingerprint, record);
            }
          };
      FullRead.Dataset dataset = read(capture.server(), task, consumer);
      task.phase("writing");
      return new CapturedShard(capture, dataset, settings, shard.finish());
    }
  }

  private FullRead.Dataset read(Server server, Progress.Task task, FullRead.Consumer consumer)
      throws IOException {
    return switch (request.via()) {
      case PSYNC -> {
        try {
          yield FullRead.run(
              server.endpoint(),
              request.connection(),
              repository.hashKey(),
              limit,
              deadline,
              clock,
              task,
              consumer);
        } catch (BackupException.AccessDenied e) {
          throw new BackupException.AccessDenied(
              String.valueOf(e.getMessage()),
              e.hint().map(hint -> hint + "; ").orElse("")
                  + "where PSYNC can't be had, --via scan reads key by key, with a weaker"
                  + " guarantee",
              e);
        }
      }
      case SCAN ->
          ScanRead.run(
              server,
              request.connection(),
              repository.hashKey(),
              limit,
              deadline,
              clock,
              task,
              consumer);
    };
  }
}
