package io.ringkeep.history;

import io.ringkeep.repository.manifest.Added;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Snapshots of nothing that a log can stand on.
public final class TestBases {
  private TestBases() {}

  /// A snapshot of one shard of cache `c` at a place in its log.
  ///
  /// @param id of the snapshot
  /// @param shard name of its log
  public static Base of(
      String id, Instant time, String topology, String shard, String replid, long offset) {
    ManifestShard part =
        new ManifestShard(
            shard,
            "0-16383",
            "127.0.0.1:1",
            Optional.of(shard),
            "primary",
            "Redis 7.0.15",
            "REDIS0010",
            replid,
            offset,
            time,
            time,
            Contents.NONE);
    return new Base(
        new Manifest(
            Manifest.FORMAT,
            id,
            "c",
            time,
            time,
            Consistency.crashCut(0),
            topology,
            "psync",
            Added.full(0, 0),
            Optional.empty(),
            Contents.NONE,
            "0:" + "0".repeat(32),
            List.of(part),
            List.of(),
            List.of(),
            List.of(),
            "dev"),
        part);
  }
}
