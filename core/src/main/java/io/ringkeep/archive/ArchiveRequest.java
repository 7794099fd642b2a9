package io.ringkeep.archive;

import io.ringkeep.backup.BackupRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// What the operator asked to have archived, and how.
///
/// @param base how the cache is found and logged into, and how a base is taken where the log has
///   none
/// @param spool folder for what is not in the repository yet
/// @param spoolBytes the most that it may take
/// @param fsyncEvery how long bytes may be in memory alone
/// @param shipEvery how long bytes may be on this host alone
/// @param segmentBytes how large a segment becomes when there is more to ship
/// @param takeBase whether a snapshot is taken where the log has none to stand on
/// @param synthetic whether the newest snapshot is rolled forward from time to time
public record ArchiveRequest(
    BackupRequest base,
    Path spool,
    long spoolBytes,
    Duration fsyncEvery,
    Duration shipEvery,
    long segmentBytes,
    boolean takeBase,
    Optional<Synthetic> synthetic) {
  /// Snapshots that are made of the log.
  ///
  /// @param every how old the newest snapshot becomes before one is made
  /// @param engine server program that rolls it forward; searched for if absent
  public record Synthetic(Duration every, Optional<Path> engine) {}
}
