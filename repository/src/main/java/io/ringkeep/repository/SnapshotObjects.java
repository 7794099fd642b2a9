package io.ringkeep.repository;

import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Which objects of a cache its snapshots need, and which nobody does.
final class SnapshotObjects {
  private SnapshotObjects() {}

  /// Directory of a cache's runs.
  static String runDirectory(String cache) {
    return Repository.directory(cache) + "run/";
  }

  /// Names of all objects that a snapshot's runs lie in.
  static Stream<String> of(Manifest manifest) {
    return manifest.runs().stream().flatMap(SnapshotObjects::of).map(StoredObject::name);
  }

  /// The objects that a run lies in.
  static Stream<StoredObject> of(RunDescriptor run) {
    return Stream.concat(run.objects().stream(), Stream.of(run.index()));
  }

  /// Objects that no committed snapshot needs.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if that cannot be known, because the
  ///   ledger or a manifest is damaged
  static List<ObjectInfo> orphans(Repository repository, String cache) throws IOException {
    // First the listing, then the snapshots: what is committed in between is needed.
    List<ObjectInfo> candidates = new ArrayList<>();
    candidates.addAll(repository.store().list(runDirectory(cache)));
    candidates.addAll(repository.store().list(SnapshotCatalog.directory(cache)));
    if (candidates.isEmpty()) {
      return List.of();
    }
    SnapshotCatalog catalog = repository.snapshots(cache);
    Set<String> needed = new HashSet<>();
    for (SnapshotReference reference : catalog.references()) {
      needed.add(reference.manifest().name());
      of(catalog.read(reference)).forEach(needed::add);
    }
    candidates.removeIf(object -> needed.contains(object.key()));
    return candidates;
  }
}
