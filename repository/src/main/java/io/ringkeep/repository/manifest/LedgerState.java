package io.ringkeep.repository.manifest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What all records of a ledger together say.
///
/// @param snapshots those that exist, in the order of their commits
/// @param retired manifests that no snapshot has any more, in the order in which they lost it; what
///   only they need may be deleted some time later
public record LedgerState(List<Snapshot> snapshots, List<Retired> retired) {

  /// A snapshot that exists.
  ///
  /// @param reference its manifest as of now
  /// @param pin the note it is pinned with, which may be empty; absent if it is not pinned
  public record Snapshot(SnapshotReference reference, Optional<String> pin) {
    private Snapshot pinned(Optional<String> note) {
      return new Snapshot(reference, note);
    }
  }

  /// A manifest that is no snapshot's any more.
  ///
  /// @param reference what was committed
  /// @param since when that was decided, by the clock of whoever decided it
  /// @param forgotten true if the snapshot was forgotten, false if it has another manifest now
  public record Retired(SnapshotReference reference, Instant since, boolean forgotten) {}

  public LedgerState {
    snapshots = List.copyOf(snapshots);
    retired = List.copyOf(retired);
  }

  /// Replays records in their order. What is said of a snapshot that does not exist says nothing.
  public static LedgerState of(List<Ledger.Entry> entries) {
    Map<String, Snapshot> live = new LinkedHashMap<>();
    List<Retired> retired = new ArrayList<>();
    for (Ledger.Entry entry : entries) {
      Instant time = entry.record().time();
      switch (entry.record().decision()) {
        case Decision.Fence() -> {}
        case Decision.Backup(SnapshotReference reference) ->
            live.put(reference.id(), new Snapshot(reference, Optional.empty()));
        case Decision.Compact(SnapshotReference reference) ->
            live.computeIfPresent(
                reference.id(),
                (_, before) -> {
                  retired.add(new Retired(before.reference(), time, /* forgotten= */ false));
                  return new Snapshot(reference, before.pin());
                });
        case Decision.Forget(List<String> ids) -> {
          for (String id : ids) {
            Snapshot gone = live.remove(id);
            if (gone != null) {
              retired.add(new Retired(gone.reference(), time, /* forgotten= */ true));
            }
          }
        }
        case Decision.Keep(List<String> ids, String note) ->
            ids.forEach(
                id -> live.computeIfPresent(id, (_, before) -> before.pinned(Optional.of(note))));
        case Decision.Release(List<String> ids) ->
            ids.forEach(
                id -> live.computeIfPresent(id, (_, before) -> before.pinned(Optional.empty())));
      }
    }
    return new LedgerState(List.copyOf(live.values()), retired);
  }

  /// Manifests of the snapshots that exist, in the order of their commits.
  public List<SnapshotReference> references() {
    return snapshots.stream().map(Snapshot::reference).toList();
  }
}
