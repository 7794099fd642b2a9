package io.ringkeep.cli.verb;

import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which lineages a command speaks of, where it may speak of all.
final class Caches {
  private Caches() {}

  /// The one named, or all; none where nothing was backed up yet.
  ///
  /// @throws NotFound if there are others only
  static List<String> chosen(Repository repository, @Nullable String name) throws IOException {
    List<String> all = repository.caches();
    if (name == null || all.isEmpty()) {
      return all;
    }
    if (!all.contains(name)) {
      throw new NotFound(
          "no such cache in the repository: cache=%s caches=%s".formatted(name, all),
          "name one of these with --cache");
    }
    return List.of(name);
  }
}
