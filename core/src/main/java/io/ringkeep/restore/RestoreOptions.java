package io.ringkeep.restore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

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
/// @param hotPercent how many of the keys, those that were used most, are sent before all others; 0
///   if all come in the order of their slots
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
    int hotPercent,
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
          /* hotPercent= */ 0,
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

  /// The same but for what `changes` sets.
  public RestoreOptions with(UnaryOperator<Changes> changes) {
    return changes.apply(new Changes(this)).options();
  }

  /// Options that are being put together from others.
  public static final class Changes {
    private Selection selection;
    private List<Rename> renames;
    private Map<Integer, Integer> databaseMap;
    private TtlPolicy ttl;
    private int jitterPercent;
    private Conflict conflict;
    private boolean dropUnsupported;
    private OptionalLong limit;
    private boolean delta;
    private boolean surplus;
    private boolean undo;
    private int hotPercent;
    private boolean partial;

    private Changes(RestoreOptions from) {
      selection = from.selection;
      renames = from.renames;
      databaseMap = from.databaseMap;
      ttl = from.ttl;
      jitterPercent = from.jitterPercent;
      conflict = from.conflict;
      dropUnsupported = from.dropUnsupported;
      limit = from.limit;
      delta = from.delta;
      surplus = from.surplus;
      undo = from.undo;
      hotPercent = from.hotPercent;
      partial = from.partial;
    }

    public Changes selection(Selection other) {
      selection = other;
      return this;
    }

    public Changes renames(List<Rename> other) {
      renames = other;
      return this;
    }

    public Changes databaseMap(Map<Integer, Integer> other) {
      databaseMap = other;
      return this;
    }

    public Changes ttl(TtlPolicy other) {
      ttl = other;
      return this;
    }

    public Changes jitterPercent(int percent) {
      jitterPercent = percent;
      return this;
    }

    public Changes conflict(Conflict other) {
      conflict = other;
      return this;
    }

    public Changes dropUnsupported(boolean whether) {
      dropUnsupported = whether;
      return this;
    }

    public Changes limit(OptionalLong other) {
      limit = other;
      return this;
    }

    public Changes delta(boolean whether) {
      delta = whether;
      return this;
    }

    public Changes surplus(boolean whether) {
      surplus = whether;
      return this;
    }

    public Changes undo(boolean whether) {
      undo = whether;
      return this;
    }

    public Changes hotPercent(int percent) {
      hotPercent = percent;
      return this;
    }

    public Changes partial(boolean whether) {
      partial = whether;
      return this;
    }

    private RestoreOptions options() {
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
          hotPercent,
          partial);
    }
  }
}
