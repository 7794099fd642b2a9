package io.ringkeep.redis.topology;

/// What a server does for its shard.
public enum Role {
  /// Takes writes.
  PRIMARY,
  /// Follows a primary, or another replica.
  REPLICA
}
