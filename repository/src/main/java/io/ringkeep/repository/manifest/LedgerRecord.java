package io.ringkeep.repository.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// One decision about a cache's snapshots, as it is written down.
///
/// @param format of this record, [#FORMAT]
/// @param number of the record, from 1; it is in its name too
/// @param previous SHA-256 of the record before, as stored; empty in the first
/// @param type what was decided
/// @param epoch of the lease under which it was decided
/// @param time when
/// @param snapshot that has this manifest from now on; present if `type` is backup or compact
/// @param snapshots ids of those that the decision is about; empty unless `type` is forget, keep or
///   release
/// @param note of a keep, for people; else empty
public record LedgerRecord(
    int format,
    long number,
    String previous,
    Type type,
    long epoch,
    Instant time,
    Optional<SnapshotReference> snapshot,
    List<String> snapshots,
    String note) {
  /// The newest format. Format 1 knew backups and fences alone.
  public static final int FORMAT = 2;

  private static final int FIRST_FORMAT = 1;

  /// What a record decides.
  public enum Type {
    /// As [Decision.Backup].
    @JsonProperty("backup")
    BACKUP,
    /// As [Decision.Fence].
    @JsonProperty("fence")
    FENCE,
    /// As [Decision.Compact].
    @JsonProperty("compact")
    COMPACT,
    /// As [Decision.Forget].
    @JsonProperty("forget")
    FORGET,
    /// As [Decision.Keep].
    @JsonProperty("keep")
    KEEP,
    /// As [Decision.Release].
    @JsonProperty("release")
    RELEASE
  }

  public LedgerRecord {
    snapshots = List.copyOf(snapshots);
    boolean names =
        switch (type) {
          case BACKUP, COMPACT, FENCE -> false;
          case FORGET, KEEP, RELEASE -> true;
        };
    if (snapshot.isPresent() != (type == Type.BACKUP || type == Type.COMPACT)
        || snapshots.isEmpty() == names
        || (type != Type.KEEP && !note.isEmpty())) {
      throw new IllegalArgumentException("a record says what its type does not: type=" + type);
    }
  }

  static LedgerRecord of(
      long number, String previous, long epoch, Instant time, Decision decision) {
    return switch (decision) {
      case Decision.Fence() ->
          of(number, previous, Type.FENCE, epoch, time, Optional.empty(), List.of(), "");
      case Decision.Backup(SnapshotReference snapshot) ->
          of(number, previous, Type.BACKUP, epoch, time, Optional.of(snapshot), List.of(), "");
      case Decision.Compact(SnapshotReference snapshot) ->
          of(number, previous, Type.COMPACT, epoch, time, Optional.of(snapshot), List.of(), "");
      case Decision.Forget(List<String> ids) ->
          of(number, previous, Type.FORGET, epoch, time, Optional.empty(), ids, "");
      case Decision.Keep(List<String> ids, String note) ->
          of(number, previous, Type.KEEP, epoch, time, Optional.empty(), ids, note);
      case Decision.Release(List<String> ids) ->
          of(number, previous, Type.RELEASE, epoch, time, Optional.empty(), ids, "");
    };
  }

  private static LedgerRecord of(
      long number,
      String previous,
      Type type,
      long epoch,
      Instant time,
      Optional<SnapshotReference> snapshot,
      List<String> snapshots,
      String note) {
    return new LedgerRecord(FORMAT, number, previous, type, epoch, time, snapshot, snapshots, note);
  }

  /// What was decided.
  public Decision decision() {
    return switch (type) {
      case FENCE -> new Decision.Fence();
      case BACKUP -> new Decision.Backup(snapshot.orElseThrow());
      case COMPACT -> new Decision.Compact(snapshot.orElseThrow());
      case FORGET -> new Decision.Forget(snapshots);
      case KEEP -> new Decision.Keep(snapshots, note);
      case RELEASE -> new Decision.Release(snapshots);
    };
  }

  /// Adds to a record of an older format what the newest one has.
  static void upgrade(ObjectNode ledgerRecord, int format) {
    if (format == FIRST_FORMAT) {
      String type = ledgerRecord.path("type").asString("");
      boolean known = type.equals("backup") || type.equals("fence");
      if (!known || ledgerRecord.has("snapshots") || ledgerRecord.has("note")) {
        throw new IllegalArgumentException("not a record of the first format: type=" + type);
      }
      ledgerRecord.putArray("snapshots");
      ledgerRecord.put("note", "");
    }
  }
}
