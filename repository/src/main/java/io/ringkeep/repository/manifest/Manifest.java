package io.ringkeep.repository.manifest;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a snapshot consists of: everything one must know to restore it, and every object it needs.
///
/// @param format of this manifest, [#FORMAT]
/// @param id of the snapshot, 12 hex digits
/// @param cache name of the lineage
/// @param time start of the capture
/// @param completed end of the capture
/// @param consistency what moment it shows
/// @param topology of the source: `standalone`, `sentinel` or `cluster`
/// @param origin how the records came: `psync` or `import`
/// @param added what the backup added to what was there
/// @param collapse present if far fewer keys were found than before, so that it is not `latest`
/// @param contents what lies in it
/// @param digest sum of all slots' digests: number of records, a colon, 32 hex digits
/// @param shards where it came from
/// @param runs what its records lie in, oldest first: the newest one that knows a key wins
/// @param servers what belongs to it beside records
/// @param warnings what the operator was told when it was made
/// @param tool version of Ringkeep that wrote it
public record Manifest(
    int format,
    String id,
    String cache,
    Instant time,
    Instant completed,
    Consistency consistency,
    String topology,
    String origin,
    Added added,
    Optional<Collapse> collapse,
    Contents contents,
    String digest,
    List<ManifestShard> shards,
    List<RunDescriptor> runs,
    List<ServerSidecar> servers,
    List<String> warnings,
    String tool) {
  /// The newest format. Manifests of older ones are read as if they were of this one.
  public static final int FORMAT = 2;

  private static final int FIRST_FORMAT = 1;

  public Manifest {
    shards = List.copyOf(shards);
    runs = List.copyOf(runs);
    servers = List.copyOf(servers);
    warnings = List.copyOf(warnings);
  }

  /// The same snapshot in other runs, which must hold the same records.
  public Manifest withRuns(List<RunDescriptor> others) {
    long stored = others.stream().mapToLong(RunDescriptor::storedBytes).sum();
    return new Manifest(
        FORMAT,
        id,
        cache,
        time,
        completed,
        consistency,
        topology,
        origin,
        added,
        collapse,
        contents.withStoredBytes(stored),
        digest,
        shards,
        others,
        servers,
        warnings,
        tool);
  }

  /// When the oldest of its data was current: for imported files, when they were saved.
  public Instant dataTime() {
    return origin.equals("import")
        ? shards.stream()
            .map(ManifestShard::captureStart)
            .min(Comparator.naturalOrder())
            .orElse(time)
        : time;
  }

  /// Number of records.
  public long records() {
    return contents.records();
  }

  /// Length of the records' own RDB bytes.
  public long bytes() {
    return contents.bytes();
  }

  /// What its runs take in the store.
  public long storedBytes() {
    return contents.storedBytes();
  }

  /// Adds to a manifest of an older format what the newest one has.
  static void upgrade(ObjectNode manifest, int format) {
    if (format == FIRST_FORMAT) {
      // All backups were full then.
      JsonNode contents = manifest.path("contents");
      ObjectNode added = addObject(manifest, "added");
      added.put("kind", "full");
      added.putNull("base");
      added.set("changed", contents.path("records"));
      added.put("removed", 0);
      added.set("storedBytes", contents.path("storedBytes"));
      addNull(manifest, "collapse");
    }
  }

  private static ObjectNode addObject(ObjectNode to, String property) {
    requireAbsent(to, property);
    return to.putObject(property);
  }

  private static void addNull(ObjectNode to, String property) {
    requireAbsent(to, property);
    to.putNull(property);
  }

  private static void requireAbsent(ObjectNode object, String property) {
    if (object.has(property)) {
      throw new IllegalArgumentException("unknown property: " + property);
    }
  }
}
