package io.ringkeep.restore;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ServerSidecar;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// What a snapshot holds beside its records, joined over its shards: every shard of a cluster has
/// its own copy.
final class Sidecars {
  private Sidecars() {}

  /// Code of the function libraries.
  static List<byte[]> functions(Manifest manifest) {
    return joined(manifest, ServerSidecar::functions);
  }

  /// Module data outside of keys, RDB bytes.
  static List<byte[]> moduleAux(Manifest manifest) {
    return joined(manifest, ServerSidecar::moduleAux);
  }

  /// Names of the modules that a server needs to load the snapshot; empty if it holds no data of
  /// any.
  ///
  /// Which module a value belongs to is known to that module alone, so all that the source had
  /// count.
  static Set<String> modules(Manifest manifest) {
    boolean data =
        !moduleAux(manifest).isEmpty()
            || manifest.contents().types().stream()
                .anyMatch(type ->
                    RdbType.logicalType(RdbVersion.parse(type.version()), type.type())
                        == LogicalType.MODULE);
    Set<String> modules = new TreeSet<>();
    if (data) {
      manifest.servers().stream()
          .flatMap(server -> server.modules().stream())
          .map(module -> module.split(" ", 2)[0])
          .forEach(modules::add);
    }
    return modules;
  }

  private static List<byte[]> joined(
      Manifest manifest, Function<ServerSidecar, List<String>> field) {
    return manifest.servers().stream()
        .flatMap(server -> field.apply(server).stream())
        .distinct()
        .map(text -> Base64.getDecoder().decode(text))
        .toList();
  }
}
