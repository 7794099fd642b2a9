package io.ringkeep.repository;

import io.ringkeep.repository.manifest.LedgerState;
import io.ringkeep.repository.manifest.LedgerState.Retired;
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

/// Which objects of a cache its snapshots need, and which nobody ever did.
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

  /// Names of a manifest and of all objects that it needs.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if it cannot be read
  static void mark(SnapshotCatalog catalog, SnapshotReference reference, NameSet names)
      throws IOException {
    names.add(reference.manifest().name());
    of(catalog.readStored(reference)).forEach(names::add);
  }

  /// All objects of runs and manifests.
  static List<ObjectInfo> listed(Repository repository, String cache) throws IOException {
    List<ObjectInfo> objects = new ArrayList<>();
    objects.addAll(repository.store().list(SnapshotCatalog.directory(cache)));
    objects.addAll(repository.store().list(runDirectory(cache)));
    return objects;
  }

  /// Objects that were written for a snapshot that was never committed. What snapshots needed that
  /// were forgotten is not among them, as long as their manifests are there: `prune` deletes it
  /// when nobody reads it any more.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if that cannot be known, because the
  ///   ledger or a manifest is damaged
  static List<ObjectInfo> orphans(Repository repository, String cache) throws IOException {
    // First the listing, then the snapshots: what is committed in between is needed.
    List<ObjectInfo> candidates = listed(repository, cache);
    if (candidates.isEmpty()) {
      return List.of();
    }
    SnapshotCatalog catalog = repository.snapshots(cache);
    LedgerState state = catalog.state();
    NameSet needed = new NameSet(repository.hashKey());
    for (SnapshotReference reference : state.references()) {
      mark(catalog, reference, needed);
    }
    Set<String> there = new HashSet<>();
    for (ObjectInfo object : candidates) {
      if (object.key().startsWith(SnapshotCatalog.directory(cache))) {
        there.add(object.key());
      }
    }
    for (Retired retired : state.retired()) {
      if (there.contains(retired.reference().manifest().name())) {
        mark(catalog, retired.reference(), needed);
      }
    }
    candidates.removeIf(object -> needed.contains(object.key()));
    return candidates;
  }
}
