package io.ringkeep.repository.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;

/// One decision about a cache's snapshots.
///
/// @param format of this record, [#FORMAT]
/// @param number of the record, from 1; it is in its name too
/// @param previous SHA-256 of the record before, as stored; empty in the first
/// @param type what was decided
/// @param epoch of the lease under which it was decided
/// @param time when
/// @param snapshot that was committed; present if `type` is backup
public record LedgerRecord(
    int format,
    long number,
    String previous,
    Type type,
    long epoch,
    Instant time,
    Optional<SnapshotReference> snapshot) {
  /// The only format so far.
  public static final int FORMAT = 1;

  /// What a record decides.
  public enum Type {
    /// A snapshot exists from now on.
    @JsonProperty("backup")
    BACKUP,
    /// A new holder of the lease writes from now on; who held it before commits nothing more.
    @JsonProperty("fence")
    FENCE
  }

  public LedgerRecord {
    if (snapshot.isPresent() != (type == Type.BACKUP)) {
      throw new IllegalArgumentException("a backup has a snapshot, nothing else has: type=" + type);
    }
  }
}
