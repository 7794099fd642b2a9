package io.ringkeep.repository.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// That a snapshot was found whole, or that it or a moment behind it was restored, at some time.
///
/// @param format of this record, [#FORMAT]
/// @param type what was done
/// @param snapshot id of the snapshot; of a moment, that of the newest base it stands on
/// @param time when it ended
/// @param records number of records that were compared, or were there at the moment
/// @param digest that was found, as [Manifest#digest]
/// @param engine version of the server it was restored into; empty for a verification
/// @param elapsedMillis how long it took
/// @param moment that was restored, as it was asked for; empty if it was a snapshot
/// @param cuts where the log of each shard was cut for the moment; empty if it was a snapshot
public record ProofRecord(
    int format,
    Type type,
    String snapshot,
    Instant time,
    long records,
    String digest,
    String engine,
    long elapsedMillis,
    String moment,
    List<Cut> cuts) {
  /// The newest format.
  public static final int FORMAT = 2;

  private static final String MOMENT = "moment";
  private static final String CUTS = "cuts";

  /// Where a log was cut.
  ///
  /// @param shard whose log it is
  /// @param base id of the snapshot that it was replayed onto
  /// @param replid history
  /// @param offset behind the last byte that was replayed
  public record Cut(String shard, String base, String replid, long offset) {}

  /// What was done.
  public enum Type {
    /// All that the snapshot needs was read and compared.
    @JsonProperty("verify")
    VERIFY,
    /// A real server loaded it, and held what was sent.
    @JsonProperty("drill")
    DRILL,
    /// Real servers loaded the bases of a moment and replayed the logs up to it without an error.
    @JsonProperty("moment")
    MOMENT
  }

  public ProofRecord {
    cuts = List.copyOf(cuts);
  }

  /// Of a snapshot.
  public static ProofRecord of(
      Type type, Manifest snapshot, Instant time, String engine, Duration elapsed) {
    return new ProofRecord(
        FORMAT,
        type,
        snapshot.id(),
        time,
        snapshot.records(),
        snapshot.digest(),
        engine,
        elapsed.toMillis(),
        "",
        List.of());
  }

  static void upgrade(ObjectNode proof, int format) {
    if (proof.has(MOMENT) || proof.has(CUTS)) {
      throw new IllegalArgumentException("format " + format + " has no moment");
    }
    proof.put(MOMENT, "").putArray(CUTS);
  }
}
