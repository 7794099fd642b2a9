package io.ringkeep.repository.manifest;

import java.util.List;

/// What a ledger record decides about a cache's snapshots.
public sealed interface Decision {

  /// A new holder of the lease writes from now on; who held it before commits nothing more.
  record Fence() implements Decision {}

  /// A snapshot exists from now on.
  record Backup(SnapshotReference snapshot) implements Decision {}

  /// A snapshot has another manifest from now on: the same records, in fewer runs.
  record Compact(SnapshotReference snapshot) implements Decision {}

  /// Snapshots exist no more.
  ///
  /// @param snapshots their ids
  record Forget(List<String> snapshots) implements Decision {
    public Forget {
      snapshots = List.copyOf(snapshots);
    }
  }

  /// Snapshots are pinned: nothing forgets them until they are released.
  ///
  /// @param snapshots their ids
  /// @param note why, for people; may be empty
  record Keep(List<String> snapshots, String note) implements Decision {
    public Keep {
      snapshots = List.copyOf(snapshots);
    }
  }

  /// Snapshots are pinned no more.
  ///
  /// @param snapshots their ids
  record Release(List<String> snapshots) implements Decision {
    public Release {
      snapshots = List.copyOf(snapshots);
    }
  }
}
