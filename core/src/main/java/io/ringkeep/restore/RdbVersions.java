package io.ringkeep.restore;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.repository.manifest.Manifest;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Decides which RDB version a snapshot is written as.
///
/// The oldest that can hold it, since the most servers take that. A server is never asked whether
/// it takes a version: a too new one makes it empty itself first and fail then (`facts` in
/// `docs/redis-internals.md`).
final class RdbVersions {
  private static final List<RdbVersion> OLDEST_FIRST =
      List.of(
          RdbVersion.redis(9),
          RdbVersion.redis(10),
          RdbVersion.redis(11),
          RdbVersion.redis(12),
          RdbVersion.redis(13),
          RdbVersion.redis(14),
          RdbVersion.redis(15),
          RdbVersion.valkey(80));

  /// The first version with functions: opcode 245, Redis 7.0.
  private static final RdbVersion FUNCTIONS = RdbVersion.redis(10);

  private RdbVersions() {}

  /// The oldest version that holds all of the snapshot, if there is one.
  static Optional<RdbVersion> oldestFor(Manifest manifest) {
    return oldest(manifest, version -> true);
  }

  /// The oldest version that holds all of the snapshot and that the target takes, if there is one.
  static Optional<RdbVersion> choose(Manifest manifest, EngineVersion target) {
    return oldest(manifest, target::accepts);
  }

  /// Engines that can hold it, for a hint.
  static String enginesFor(Manifest manifest) {
    return oldestFor(manifest)
        .map(version ->
            switch (version.number()) {
              case 9 -> "any Redis since 5.0 or any Valkey";
              case 10 -> "Redis 7.0 or newer, or any Valkey";
              case 11 -> "Redis 7.2 or newer, or any Valkey";
              case 12 -> "Redis 7.4 or newer";
              case 13 -> "Redis 8.6 or newer";
              case 14 -> "Redis 8.8 or newer";
              case 15 -> "Redis 8.10 or newer";
              default -> "Valkey 9 or newer";
            })
        .orElse("none by an RDB file, for it needs a version that is not written yet");
  }

  private static Optional<RdbVersion> oldest(Manifest manifest, Predicate<RdbVersion> wanted) {
    return OLDEST_FIRST.stream()
        .filter(wanted)
        .filter(version -> holds(version, manifest))
        .findFirst();
  }

  private static boolean holds(RdbVersion version, Manifest manifest) {
    boolean functions =
        Sidecars.functions(manifest).isEmpty()
            || version.family() == RdbVersion.Family.VALKEY
            || version.number() >= FUNCTIONS.number();
    return functions
        && manifest.contents().types().stream()
            .allMatch(type ->
                RdbType.obstacle(RdbVersion.parse(type.version()), type.type(), version).isEmpty());
  }
}
