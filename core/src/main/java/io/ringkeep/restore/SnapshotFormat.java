package io.ringkeep.restore;

import io.ringkeep.redis.EngineVersion;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.TypeCount;

/// What a server must be to load a snapshot.
public final class SnapshotFormat {
  private SnapshotFormat() {}

  /// True if a server of this version takes an RDB with all of the snapshot in it.
  public static boolean isLoadedBy(Manifest manifest, EngineVersion engine) {
    return RdbVersions.choose(manifest, engine).isPresent();
  }

  /// The versions that do, in words.
  public static String engines(Manifest manifest) {
    return RdbVersions.enginesFor(manifest);
  }

  /// How many databases the snapshot needs.
  public static int databases(Manifest manifest) {
    return 1 + manifest.contents().types().stream().mapToInt(TypeCount::database).max().orElse(0);
  }
}
