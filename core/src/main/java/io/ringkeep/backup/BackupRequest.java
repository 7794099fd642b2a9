package io.ringkeep.backup;

import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import java.time.Duration;
import java.util.OptionalLong;

/// What the operator asked to have backed up, and how gently.
///
/// @param cache name of the lineage that the snapshot continues
/// @param source where the cache is found
/// @param connection how its servers are logged into
/// @param from which server of each shard is captured
/// @param maxLag how long a replica may have been out of touch with its primary and still count as
///   healthy
/// @param forksPerHost how many servers of one host may fork at the same time, from 1
/// @param limitBytesPerSecond how fast RDB bytes are read, over all shards
/// @param timeout how long the whole backup may take
/// @param via how a server is read
/// @param adopt take a source that shares nothing with what is kept under this name
/// @param incremental how it is compared with the snapshot before
public record BackupRequest(
    String cache,
    RedisUri source,
    ConnectionOptions connection,
    SourcePolicy from,
    Duration maxLag,
    int forksPerHost,
    OptionalLong limitBytesPerSecond,
    Duration timeout,
    Via via,
    boolean adopt,
    Incremental incremental) {

  /// Read as a replica would.
  public BackupRequest(
      String cache,
      RedisUri source,
      ConnectionOptions connection,
      SourcePolicy from,
      Duration maxLag,
      int forksPerHost,
      OptionalLong limitBytesPerSecond,
      Duration timeout,
      boolean adopt,
      Incremental incremental) {
    this(
        cache,
        source,
        connection,
        from,
        maxLag,
        forksPerHost,
        limitBytesPerSecond,
        timeout,
        Via.PSYNC,
        adopt,
        incremental);
  }

  /// The same, read another way.
  public BackupRequest with(Via other) {
    return new BackupRequest(
        cache,
        source,
        connection,
        from,
        maxLag,
        forksPerHost,
        limitBytesPerSecond,
        timeout,
        other,
        adopt,
        incremental);
  }
}
