package io.ringkeep.cli.verb;

import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotSpace;
import io.ringkeep.repository.manifest.LedgerState;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All snapshots of a cache, with what the ledger says of them.
///
/// @param manifests in the order of their commits, each with its pin
/// @param space what each of them needs alone
record SnapshotsOf(Map<Manifest, Optional<String>> manifests, SnapshotSpace space) {

  static SnapshotsOf cache(Repository repository, String cache) throws IOException {
    SnapshotCatalog catalog = repository.snapshots(cache);
    Map<Manifest, Optional<String>> manifests = new LinkedHashMap<>();
    for (LedgerState.Snapshot snapshot : catalog.state().snapshots()) {
      manifests.put(catalog.read(snapshot.reference()), snapshot.pin());
    }
    return new SnapshotsOf(manifests, SnapshotSpace.of(manifests.keySet()));
  }

  List<SnapshotView> views() {
    List<SnapshotView> views = new ArrayList<>();
    manifests.forEach((manifest, pin) -> views.add(SnapshotView.of(manifest, space, pin)));
    return views;
  }

  /// One of them.
  SnapshotView view(Manifest manifest) {
    return SnapshotView.of(manifest, space, manifests.getOrDefault(manifest, Optional.empty()));
  }
}
