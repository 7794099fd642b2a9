package io.ringkeep.repository;

import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Which snapshots the runs of a cache are needed by, and so what each of them costs alone.
public final class SnapshotSpace {
  private final Map<String, Long> bytes = new HashMap<>();
  private final Map<String, Set<String>> users = new HashMap<>();

  private SnapshotSpace() {}

  /// Of all snapshots of a cache.
  public static SnapshotSpace of(Collection<Manifest> manifests) {
    SnapshotSpace space = new SnapshotSpace();
    for (Manifest manifest : manifests) {
      for (RunDescriptor run : manifest.runs()) {
        space.bytes.put(run.id(), run.storedBytes());
        space.users.computeIfAbsent(run.id(), _ -> new HashSet<>()).add(manifest.id());
      }
    }
    return space;
  }

  /// What the runs take that no other snapshot needs: what forgetting these frees.
  ///
  /// @param snapshots ids
  public long onlyNeededBy(Set<String> snapshots) {
    long sum = 0;
    for (Map.Entry<String, Set<String>> run : users.entrySet()) {
      if (snapshots.containsAll(run.getValue())) {
        sum += bytes.getOrDefault(run.getKey(), 0L);
      }
    }
    return sum;
  }
}
