package io.ringkeep.repository.manifest;

import java.time.Instant;
import java.util.Optional;

/// One shard of the cache as it was captured.
///
/// @param id of the shard in its cache
/// @param slots ranges that it owned, such as `0-5460,9000`; empty where there are no slots
/// @param endpoint `host:port` of the server that was read
/// @param nodeId of that server in its cluster
/// @param role of that server: `primary` or `replica`
/// @param engine product and version of that server
/// @param rdbVersion magic of the RDB it sent
/// @param replid history that the moment lies in
/// @param offset bytes of that history before the moment
/// @param captureStart when it was asked
/// @param captureEnd when its last record had come
/// @param contents what came from it
public record ManifestShard(
    String id,
    String slots,
    String endpoint,
    Optional<String> nodeId,
    String role,
    String engine,
    String rdbVersion,
    String replid,
    long offset,
    Instant captureStart,
    Instant captureEnd,
    Contents contents) {}
