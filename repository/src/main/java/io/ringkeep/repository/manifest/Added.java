package io.ringkeep.repository.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/// What a backup added to what was stored before.
///
/// @param kind whether it stored everything or changes
/// @param base id of the snapshot that it was compared with; present if it stored changes
/// @param changed records it stored
/// @param removed keys that it noted as gone
/// @param storedBytes what its own runs took in the store when it was committed
public record Added(
    Kind kind, Optional<String> base, long changed, long removed, long storedBytes) {

  /// How much a backup stores.
  public enum Kind {
    /// Every record.
    @JsonProperty("full")
    FULL,
    /// What differs from its base.
    @JsonProperty("incremental")
    INCREMENTAL
  }

  public Added {
    if (base.isPresent() != (kind == Kind.INCREMENTAL)) {
      throw new IllegalArgumentException("changes have a base, nothing else has: kind=" + kind);
    }
  }

  /// Everything.
  public static Added full(long records, long storedBytes) {
    return new Added(Kind.FULL, Optional.empty(), records, 0, storedBytes);
  }
}
