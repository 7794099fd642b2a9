package io.ringkeep.status;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.repository.manifest.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How well one cache is kept.
///
/// @param cache name of the lineage
/// @param snapshots how many there are
/// @param newest the snapshot committed last
/// @param age how long ago its capture began
/// @param verified when it was last verified
/// @param drilled when it was last restored by a drill
/// @param healthy whether nothing needs attention
/// @param findings what does
/// @param common the times to which all shards of a cluster can be restored together, oldest first;
///   empty where there is but one
/// @param logs how well the log of each shard is kept; empty if nothing was ever archived
public record CacheStatus(
    String cache,
    int snapshots,
    Optional<Manifest> newest,
    Optional<Duration> age,
    Optional<Instant> verified,
    Optional<Instant> drilled,
    boolean healthy,
    List<String> findings,
    List<LogStatus> logs,
    List<CacheHistory.Span> common) {}
