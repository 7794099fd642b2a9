package io.ringkeep.backup;

import io.ringkeep.capture.FullRead;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.repository.run.ShardContents;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// One shard, read and stored.
///
/// @param capture which server was read
/// @param dataset what it sent beside records
/// @param settings how it is set up
/// @param contents what was stored
record CapturedShard(
    ShardCapture capture,
    FullRead.Dataset dataset,
    ServerSettings settings,
    ShardContents contents) {

  /// What the manifest says of it.
  ManifestShard manifest() {
    return new ManifestShard(
        capture.shard().id(),
        capture.shard().slots().stream().map(SlotRange::toString).collect(Collectors.joining(",")),
        capture.server().endpoint().toString(),
        capture.server().nodeId(),
        capture.server().role() == Role.PRIMARY ? "primary" : "replica",
        settings.facts().engine().toString(),
        dataset.version().magic(),
        dataset.replid(),
        dataset.offset(),
        dataset.started(),
        dataset.ended(),
        contents.contents());
  }

  /// What the snapshot keeps of it beside records. Settings hold secrets: an unencrypted repository
  /// gets none.
  ServerSidecar sidecar(boolean encrypted) {
    return new ServerSidecar(
        capture.shard().id(),
        base64(dataset.functions()),
        base64(List.copyOf(dataset.moduleAux().values())),
        encrypted ? settings.config() : Map.of(),
        encrypted ? settings.acl() : List.of(),
        settings.modules(),
        settings.slotMap());
  }

  private static List<String> base64(List<byte[]> items) {
    return items.stream().map(item -> Base64.getEncoder().encodeToString(item)).toList();
  }
}
