package io.ringkeep.archive;

import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;

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
    Sources.require(topology, topology.shards().getFirst().primary());
    new ShardArchiver(request, repository, Shard.SOLE, clock, progress).run();
  }
}
