package io.ringkeep.repository.manifest;

import java.time.Instant;
import java.util.List;

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
    Contents contents,
    String digest,
    List<ManifestShard> shards,
    List<RunDescriptor> runs,
    List<ServerSidecar> servers,
    List<String> warnings,
    String tool) {
  /// The only format so far.
  public static final int FORMAT = 1;

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
        contents.withStoredBytes(stored),
        digest,
        shards,
        others,
        servers,
        warnings,
        tool);
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
}
