package io.ringkeep.archive;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// Archives a cache.
public final class Archive {
  private Archive() {}

  /// Archives until it is interrupted. What was received is then on the disk, and in the repository
  /// if that can be reached; the next run goes on from there.
  ///
  /// A source that is away is waited for if there is a log of it already: what of that is on this
  /// host alone goes into the repository meanwhile.
  ///
  /// @throws io.ringkeep.model.BackupException if the cache can't be archived, or is another one
  ///   than what is kept under its name, the log is damaged, or access was taken away
  /// @throws InterruptedException when it is told to end
  public static void run(
      ArchiveRequest request, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    Lineage lineage = new Lineage(request.base(), repository);
    boolean cluster = isCluster(request, repository, lineage, progress);
    Optional<Thread> nodes = NodeWatch.start(repository, progress);
    Optional<Thread> synthetic = new SyntheticTaker(request, repository, clock, progress).start();
    try {
      if (cluster) {
        new ClusterArchiver(request, repository, lineage, clock, progress).run();
      } else {
        archiveOne(request, repository, lineage, clock, progress);
      }
    } finally {
      end(synthetic);
      end(nodes);
    }
  }

  private static boolean isCluster(
      ArchiveRequest request, Repository repository, Lineage lineage, Progress progress)
      throws IOException, InterruptedException {
    try {
      Topology topology =
          TopologyDiscovery.discover(request.base().source(), request.base().connection());
      if (topology.kind() == Topology.Kind.KETAMA) {
        throw new InvalidRequest(
            "a ring has no log of its own: source=" + request.base().source(),
            "archive each of its servers, as redis://host:port with a --cache of its own");
      }
      Sources.require(topology.shards().getFirst().primary(), request.base().connection());
      new Waiting(repository, progress)
          .answer(() -> {
            lineage.require(topology);
            return topology;
          });
      return topology.kind() == Topology.Kind.CLUSTER;
    } catch (Unavailable e) {
      String cache = request.base().cache();
      if (ShardLog.shards(repository.store(), cache).isEmpty()) {
        throw e;
      }
      progress.note(
          "the source is away; what was received before is stored meanwhile: " + e.getMessage());
      return repository.slotMaps(cache).last().isPresent();
    }
  }

  private static void archiveOne(
      ArchiveRequest request,
      Repository repository,
      Lineage lineage,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    ShardArchiver shard =
        new ShardArchiver(
            request,
            repository,
            Shard.SOLE,
            new SoleShard(request.base(), lineage),
            clock,
            progress);
    Optional<Thread> bases =
        new BaseTaker(request, repository, () -> Optional.of(List.of(shard)), clock, progress)
            .start();
    try {
      shard.run();
    } finally {
      end(bases);
    }
  }

  private static void end(Optional<Thread> thread) throws InterruptedException {
    if (thread.isPresent()) {
      thread.get().interrupt();
      thread.get().join(ShardArchiver.LAST_WORDS);
    }
  }
}
