package io.ringkeep.archive;

import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;

/// Finds a shard's servers, again and again as they change.
interface ShardFinder {
  /// Where the shard is now.
  ///
  /// @param topology of the cache
  /// @param shard of it
  record Found(Topology topology, Shard shard) {}

  /// Looks for it.
  ///
  /// @throws io.ringkeep.model.BackupException if it can't be found now
  Found find();

  /// Whether somebody else is said to be the primary: the one we know may be cut off from all but
  /// us.
  ///
  /// @param silent whether that one does not answer us, so that it is high time to ask
  /// @throws io.ringkeep.model.BackupException if nobody can be asked
  boolean moved(Endpoint primary, boolean silent);
}
