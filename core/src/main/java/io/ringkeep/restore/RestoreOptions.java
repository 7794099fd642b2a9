package io.ringkeep.restore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What makes a restore other than plain: a part of the snapshot, other names, other expiries, more
/// care.
///
/// @param selection which records
/// @param renames the first that fits a name counts
/// @param databaseMap database by database of the snapshot; those not named keep their number
/// @param ttl what becomes of expiries
/// @param jitterPercent how much of the time that is left is added at most, by chance but the same
///   each time, so that keys do not expire all at once
/// @param conflict what happens to keys of the same name, where keys may stay ([Existing#MERGE])
/// @param dropUnsupported whether what the target can't hold is left out; else there is no restore
/// @param limit bytes a second, all shards together
/// @param delta whether keys that the target holds as they are to be are not sent again
/// @param surplus whether keys that the selection means and the snapshot doesn't have are deleted,
///   where only differences are sent
/// @param undo whether a target that holds data is backed up before it is changed
/// @param partial whether what is left is restored of a snapshot that has lost a part; else there
///   is no restore
public record RestoreOptions(
    Selection selection,
    List<Rename> renames,
    Map<Integer, Integer> databaseMap,
    TtlPolicy ttl,
    int jitterPercent,
    Conflict conflict,
    boolean dropUnsupported,
    OptionalLong limit,
    boolean delta,
    boolean surplus,
    boolean undo,
    boolean partial) {
  /// All of the snapshot as it is.
  public static final RestoreOptions PLAIN =
      new RestoreOptions(
          Selection.ALL,
          List.of(),
          Map.of(),
          new TtlPolicy.Absolute(),
          0,
          Conflict.REPLACE,
          /* dropUnsupported= */ false,
          OptionalLong.empty(),
          /* delta= */ false,
          /* surplus= */ false,
          /* undo= */ false,
          /* partial= */ false);

  public RestoreOptions {
    renames = List.copyOf(renames);
    databaseMap = Map.copyOf(databaseMap);
  }

  /// True if every record goes to the target as it stands in the snapshot.
  public boolean wholeAndUnchanged() {
    return selection.all()
        && renames.isEmpty()
        && databaseMap.isEmpty()
        && ttl instanceof TtlPolicy.Absolute
        && jitterPercent == 0;
  }

  /// True if a key of the target is one of the restore if and only if its name and database are.
  boolean comparesNames() {
    return renames.isEmpty()
        && databaseMap.isEmpty()
        && selection.byNameAlone()
        && !(ttl instanceof TtlPolicy.DropExpired);
  }

  /// What is other than plain about names and choice, in words.
  public List<String> words() {
    List<String> words = new ArrayList<>(selection.words());
    renames.forEach(rename -> words.add("rename " + rename));
    databaseMap.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            map -> words.add("database %d goes to %d".formatted(map.getKey(), map.getValue())));
    return words;
  }

  /// The same of other records.
  public RestoreOptions with(Selection other) {
    return new RestoreOptions(
        other,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        conflict,
        dropUnsupported,
        limit,
        delta,
        surplus,
        undo,
        partial);
  }

  /// The same under other names.
  public RestoreOptions renaming(List<Rename> others, Map<Integer, Integer> databases) {
    return new RestoreOptions(
        selection,
        others,
        databases,
        ttl,
        jitterPercent,
        conflict,
        dropUnsupported,
        limit,
        delta,
        surplus,
        undo,
        partial);
  }

  /// The same with other expiries.
  public RestoreOptions with(TtlPolicy other, int percent) {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        other,
        percent,
        conflict,
        dropUnsupported,
        limit,
        delta,
        surplus,
        undo,
        partial);
  }

  /// The same where keys of the same names are.
  public RestoreOptions with(Conflict other) {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        other,
        dropUnsupported,
        limit,
        delta,
        surplus,
        undo,
        partial);
  }

  /// The same, but what the target can't hold is left out.
  public RestoreOptions droppingUnsupported() {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        conflict,
        /* dropUnsupported= */ true,
        limit,
        delta,
        surplus,
        undo,
        partial);
  }

  /// The same, but what the target holds already is not sent again.
  public RestoreOptions ofDifferences() {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        conflict,
        dropUnsupported,
        limit,
        /* delta= */ true,
        surplus,
        undo,
        partial);
  }

  /// The same of differences, and what the snapshot doesn't have is deleted.
  public RestoreOptions deletingSurplus() {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        conflict,
        dropUnsupported,
        limit,
        /* delta= */ true,
        /* surplus= */ true,
        undo,
        partial);
  }

  /// The same, and the target is backed up before.
  public RestoreOptions undoable() {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        conflict,
        dropUnsupported,
        limit,
        delta,
        surplus,
        /* undo= */ true,
        partial);
  }

  /// The same, but what a snapshot has lost is left out.
  public RestoreOptions leavingOutWhatIsLost() {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        conflict,
        dropUnsupported,
        limit,
        delta,
        surplus,
        undo,
        /* partial= */ true);
  }

  /// The same, and the target is not backed up.
  public RestoreOptions withoutUndo() {
    return new RestoreOptions(
        selection,
        renames,
        databaseMap,
        ttl,
        jitterPercent,
        conflict,
        dropUnsupported,
        limit,
        delta,
        surplus,
        /* undo= */ false,
        partial);
  }
}
