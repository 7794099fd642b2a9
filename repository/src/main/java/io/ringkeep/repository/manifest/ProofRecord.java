package io.ringkeep.repository.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/// That a snapshot was found whole, or was restored, at some time.
///
/// @param format of this record, [#FORMAT]
/// @param type what was done
/// @param snapshot id of the snapshot
/// @param time when it ended
/// @param records number of records that were compared
/// @param digest that was found, as [Manifest#digest]
/// @param engine version of the server it was restored into; empty for a verification
/// @param elapsedMillis how long it took
public record ProofRecord(
    int format,
    Type type,
    String snapshot,
    Instant time,
    long records,
    String digest,
    String engine,
    long elapsedMillis) {
  /// The only format so far.
  public static final int FORMAT = 1;

  /// What was done.
  public enum Type {
    /// All that the snapshot needs was read and compared.
    @JsonProperty("verify")
    VERIFY,
    /// A real server loaded it, and held what was sent.
    @JsonProperty("drill")
    DRILL
  }
}
