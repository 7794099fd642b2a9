package io.ringkeep.lookup;

import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// Which snapshot somebody means: by its name, or by a moment.
public sealed interface Which {

  /// `latest`, an id, or the start of one.
  record Named(String name) implements Which {}

  /// The newest one whose capture began at or before a moment.
  record At(Instant moment) implements Which {}

  /// Its manifest.
  ///
  /// @throws NotFound naming what there is
  default Manifest of(Repository repository, String cache) throws IOException {
    SnapshotCatalog catalog = repository.snapshots(cache);
    return switch (this) {
      case Named(String name) -> catalog.resolve(name);
      case At(Instant moment) -> before(catalog, cache, moment);
    };
  }

  private static Manifest before(SnapshotCatalog catalog, String cache, Instant moment)
      throws IOException {
    List<SnapshotReference> there = catalog.references();
    SnapshotReference newest = null;
    for (SnapshotReference reference : there) {
      boolean reached = !reference.time().isAfter(moment);
      if (reached && (newest == null || !reference.time().isBefore(newest.time()))) {
        newest = reference;
      }
    }
    if (newest == null) {
      throw new NotFound(
          "no snapshot is that old: cache=%s time=%s".formatted(cache, moment),
          there.isEmpty()
              ? "'ringkeep list' shows what there is, --cache names another one"
              : "the oldest is %s of %s".formatted(there.getFirst().id(), there.getFirst().time()));
    }
    return catalog.read(newest);
  }
}
