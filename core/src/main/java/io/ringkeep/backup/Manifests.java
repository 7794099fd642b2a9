package io.ringkeep.backup;

import io.ringkeep.model.SlotDigests;
import io.ringkeep.repository.SnapshotWriter;
import io.ringkeep.repository.manifest.Collapse;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.repository.run.ShardContents;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Puts manifests together from what a writer holds and what was learned on the way.
final class Manifests {
  private Manifests() {}

  static Manifest of(
      SnapshotWriter writer,
      String cache,
      Instant time,
      Instant completed,
      Consistency consistency,
      String topology,
      String origin,
      Optional<Collapse> collapse,
      List<ManifestShard> shards,
      List<ServerSidecar> servers,
      List<String> warnings) {
    ShardContents contents = writer.contents();
    SlotDigests digests = new SlotDigests();
    contents.sums().addTo(digests);
    return new Manifest(
        Manifest.FORMAT,
        writer.id(),
        cache,
        time,
        completed,
        consistency,
        topology,
        origin,
        writer.added(),
        collapse,
        contents.contents(),
        digests.total().toString(),
        shards,
        contents.runs(),
        servers,
        warnings,
        version());
  }

  /// The version in our jar's manifest; `dev` when run from classes.
  private static String version() {
    return Optional.ofNullable(Manifests.class.getPackage().getImplementationVersion())
        .orElse("dev");
  }
}
