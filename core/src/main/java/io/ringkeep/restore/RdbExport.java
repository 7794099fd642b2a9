package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Writes a snapshot as RDB files that any Redis tool reads: the loader for servers that one can
/// only give files.
public final class RdbExport {

  /// What was written.
  ///
  /// @param files in slot order
  /// @param version of their format
  /// @param records in all of them
  /// @param bytes in all of them
  public record Result(
      List<Path> files, RdbVersion version, long records, long bytes, Duration elapsed) {}

  private RdbExport() {}

  /// Writes `count` files that split the slots evenly: `output` itself if it is one, else `output`
  /// with `-1`, `-2`, … before its ending. A file appears under its name only when it is whole and
  /// on disk.
  ///
  /// @throws BackupException.InvalidRequest if a file is there already
  /// @throws BackupException.CorruptData if the snapshot is damaged
  public static Result run(
      Repository repository,
      Manifest manifest,
      Path output,
      int count,
      Clock clock,
      Progress progress)
      throws IOException {
    List<Path> files = names(output, count);
    for (Path file : files) {
      if (Files.exists(file)) {
        throw new BackupException.InvalidRequest(
            "the file exists: path=" + file, "name another with --to, or remove it");
      }
    }
    RdbVersion version =
        RdbVersions.oldestFor(manifest)
            .orElseThrow(() ->
                new BackupException.InvalidRequest(
                    "no RDB version that can be written holds all of the snapshot: it mixes what only"
                        + " Redis and only Valkey know, or has what came with Redis 8.6: snapshot="
                        + manifest.id(),
                    "run 'show %s' to see its types; 'restore --loader restore' needs no RDB"
                        .formatted(manifest.id())));
    long startNanos = System.nanoTime();
    long records = 0;
    long bytes = 0;
    try (Lease lease = repository.leases().acquireRead("export")) {
      repository.snapshots(manifest.cache()).requireUnchanged(manifest);
      for (int i = 0; i < count; i++) {
        lease.check();
        records +=
            write(repository, manifest, files.get(i), range(i, count), version, clock, progress);
        bytes += Files.size(files.get(i));
      }
    }
    return new Result(
        files, version, records, bytes, Duration.ofNanos(System.nanoTime() - startNanos));
  }

  private static long write(
      Repository repository,
      Manifest manifest,
      Path file,
      SlotRange slots,
      RdbVersion version,
      Clock clock,
      Progress progress)
      throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try (Progress.Task task = progress.begin("file " + file, OptionalLong.of(manifest.bytes()))) {
      SnapshotRdb rdb =
          new SnapshotRdb(
              repository,
              manifest,
              List.of(slots),
              version,
              SnapshotFeed.Check.FINGERPRINTS,
              clock,
              task);
      try (FileChannel out =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        rdb.writeTo(out);
        out.force(/* metaData= */ true);
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      return rdb.fed().records();
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static SlotRange range(int index, int count) {
    return new SlotRange(
        (int) ((long) Slot.COUNT * index / count),
        (int) ((long) Slot.COUNT * (index + 1) / count) - 1);
  }

  private static List<Path> names(Path output, int count) {
    if (count == 1) {
      return List.of(output);
    }
    String name = output.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    String ending = dot < 0 ? "" : name.substring(dot);
    List<Path> names = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      names.add(output.resolveSibling(stem + "-" + i + ending));
    }
    return names;
  }
}
