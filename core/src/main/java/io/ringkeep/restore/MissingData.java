package io.ringkeep.restore;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.nodes.NodeInfo;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotLosses;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.repository.run.ReadOptions;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/// What of a snapshot is gone with storage nodes: found out before anything is written, and a
/// reason to refuse unless a part is asked for.
final class MissingData {
  private MissingData() {}

  /// Looks at a listing of the nodes; asks for each data object if that lacks one, a node is left
  /// alone, or the request says that something may be missing.
  ///
  /// @throws Unavailable if a part is missing, all of it is wanted, and a node does not answer
  /// @throws CorruptData if a part is missing, all of it is wanted, and every node answers; or if
  ///   nothing is left
  static SnapshotLosses of(RestoreRequest request, Repository repository, Manifest manifest)
      throws IOException {
    boolean partial = request.options().partial();
    List<NodeInfo> away = away(repository);
    if (!partial && away.isEmpty() && listed(repository, manifest)) {
      return SnapshotLosses.NONE;
    }
    SnapshotLosses losses;
    try (SnapshotReader reader =
        SnapshotReader.open(repository, manifest, ReadOptions.standard())) {
      losses = reader.losses();
    }
    if (losses.none() || (partial && !losses.readable().isEmpty())) {
      return losses;
    }
    String message =
        "a part of the snapshot is gone: snapshot=%s slots=%s keys=%d of=%d nodes=[%s]"
            .formatted(
                manifest.id(),
                losses.slots(),
                losses.keys(),
                manifest.records(),
                away.stream()
                    .map(node -> node.node().id() + ": " + node.why())
                    .collect(Collectors.joining("; ")));
    String hint =
        losses.readable().isEmpty()
            ? "bring the nodes back, or restore from a mirror: nothing can be restored from what is left"
            : "bring the nodes back, or restore the other %d keys: slots %s and %d keys are lost with 'restore --partial'"
                .formatted(manifest.records() - losses.keys(), losses.slots(), losses.keys());
    boolean mayComeBack =
        away.stream().anyMatch(node -> node.condition() == NodeInfo.Condition.AWAY);
    throw mayComeBack ? new Unavailable(message, hint, null) : new CorruptData(message, hint, null);
  }

  /// Whether a listing has what the snapshot needs. A node that was wiped and taken in again
  /// answers, and holds nothing of what it alone held.
  private static boolean listed(Repository repository, Manifest manifest) {
    return !(repository.store() instanceof PlacedStore store)
        || store
            .lacking(
                Repository.directory(manifest.cache()),
                manifest.runs().stream()
                    .flatMap(run -> run.objects().stream())
                    .map(StoredObject::name)
                    .toList())
            .isEmpty();
  }

  /// Nodes whose data can't be read.
  private static List<NodeInfo> away(Repository repository) {
    return repository.store() instanceof PlacedStore store
        ? store.nodes().stream().filter(node -> store.away().containsKey(node.node().id())).toList()
        : List.of();
  }
}
