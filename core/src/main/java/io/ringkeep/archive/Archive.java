package io.ringkeep.archive;

import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
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
  /// @throws io.ringkeep.model.BackupException if the cache can't be archived, the log is damaged,
  ///   or access was taken away
  /// @throws InterruptedException when it is told to end
  public static void run(
      ArchiveRequest request, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    Topology topology =
        TopologyDiscovery.discover(request.base().source(), request.base().connection());
    Sources.require(topology.shards().getFirst().primary());
    switch (topology.kind()) {
      case CLUSTER -> new ClusterArchiver(request, repository, clock, progress).run();
      case STANDALONE, SENTINEL -> archiveOne(request, repository, clock, progress);
    }
  }

  private static void archiveOne(
      ArchiveRequest request, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    ShardArchiver shard =
        new ShardArchiver(
            request, repository, Shard.SOLE, new SoleShard(request.base()), clock, progress);
    Optional<Thread> bases =
        new BaseTaker(request, repository, () -> Optional.of(List.of(shard)), clock, progress)
            .start();
    try {
      shard.run();
    } finally {
      bases.ifPresent(Thread::interrupt);
      if (bases.isPresent()) {
        bases.get().join(ShardArchiver.LAST_WORDS);
      }
    }
  }
}
