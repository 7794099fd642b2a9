package io.ringkeep.backup;

import io.ringkeep.capture.FullRead;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.SnapshotWriter;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.ShardContents;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Makes a snapshot of RDB files that people have already: one file a shard.
public final class RdbImport {
  private static final Duration UNLIMITED = Duration.ofDays(365);

  private RdbImport() {}

  /// Reads all files and commits.
  ///
  /// @throws BackupException.InvalidRequest if a file can't be read, or two of them hold the same
  ///   key
  /// @throws BackupException.CorruptData if one is damaged; the offset is in the message
  /// @throws BackupException.UnsupportedFormat if one holds what this version does not know
  public static BackupResult run(
      Repository repository, String cache, List<Path> files, Clock clock, Progress progress)
      throws IOException {
    Instant started = clock.instant();
    try (Lease lease = repository.leases().acquire("cache-" + cache, "import");
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, cache, lease, WriteOptions.standard())) {
      List<ManifestShard> shards = new ArrayList<>();
      List<ServerSidecar> servers = new ArrayList<>();
      for (Path file : files) {
        read(
            file,
            Integer.toString(shards.size()),
            repository,
            writer,
            clock,
            progress,
            shards,
            servers);
      }
      Manifest manifest =
          Manifests.of(
              writer,
              cache,
              writer.time(),
              clock.instant(),
              Consistency.crashCut(skewMillis(shards)),
              "file",
              "import",
              Optional.empty(),
              shards,
              servers,
              List.of());
      requireEachKeyOnce(repository, manifest);
      writer.commit(manifest);
      return new BackupResult(manifest, Duration.between(started, clock.instant()), List.of());
    }
  }

  /// Files of several servers may hold the same keys, and nothing says which is the right one.
  private static void requireEachKeyOnce(Repository repository, Manifest manifest)
      throws IOException {
    if (manifest.shards().size() == 1) {
      return;
    }
    long keys = 0;
    try (SnapshotReader reader = SnapshotReader.open(repository, manifest, ReadOptions.standard());
        RecordCursor cursor = reader.records(List.of(SlotRange.ALL))) {
      while (cursor.next()) {
        keys++;
      }
    }
    if (keys != manifest.records()) {
      throw new BackupException.InvalidRequest(
          "files hold the same keys: records=%d keys=%d".formatted(manifest.records(), keys),
          "import them one by one under different --cache names");
    }
  }

  private static void read(
      Path file,
      String id,
      Repository repository,
      SnapshotWriter writer,
      Clock clock,
      Progress progress,
      List<ManifestShard> shards,
      List<ServerSidecar> servers)
      throws IOException {
    if (!Files.isReadable(file)) {
      throw new BackupException.InvalidRequest(
          "no such file, or no right to read it: path=" + file, "name RDB files");
    }
    Instant saved = Files.getLastModifiedTime(file).toInstant();
    try (FileChannel rdb = FileChannel.open(file);
        Progress.Task task = progress.begin("file " + file, OptionalLong.of(rdb.size()));
        ShardWriter shard = writer.shard()) {
      FullRead.Dataset dataset =
          FullRead.file(
              rdb,
              saved,
              repository.hashKey(),
              Deadline.in(UNLIMITED, "import"),
              clock,
              task,
              shard::accept);
      ShardContents contents = shard.finish();
      Map<String, String> aux = dataset.aux();
      // A copy of a file is younger than what it holds.
      OptionalLong seconds = number(aux.get("ctime"));
      Instant created = seconds.isPresent() ? Instant.ofEpochSecond(seconds.getAsLong()) : saved;
      shards.add(
          new ManifestShard(
              id,
              "",
              file.toAbsolutePath().toString(),
              Optional.empty(),
              "file",
              engine(aux),
              dataset.version().magic(),
              aux.getOrDefault("repl-id", ""),
              number(aux.get("repl-offset")).orElse(0),
              created,
              created,
              contents.contents()));
      servers.add(
          new ServerSidecar(
              id,
              dataset.functions().stream().map(RdbImport::base64).toList(),
              dataset.moduleAux().values().stream().map(RdbImport::base64).toList(),
              Map.of(),
              List.of(),
              List.copyOf(dataset.moduleAux().keySet()),
              ""));
    } catch (BackupException.CorruptData e) {
      throw new BackupException.CorruptData(
          "%s: %s".formatted(file, e.getMessage()), e.hint().orElse(null), e);
    } catch (BackupException.UnsupportedFormat e) {
      throw new BackupException.UnsupportedFormat(
          "%s: %s".formatted(file, e.getMessage()), e.hint().orElse(null));
    }
  }

  /// A field that whoever wrote the file may have filled with anything.
  private static OptionalLong number(@Nullable String text) {
    return text != null && text.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  private static String engine(Map<String, String> aux) {
    if (aux.containsKey("valkey-ver")) {
      return "Valkey " + aux.get("valkey-ver");
    }
    return "Redis " + aux.getOrDefault("redis-ver", "unknown");
  }

  private static long skewMillis(List<ManifestShard> shards) {
    long first =
        shards.stream().mapToLong(shard -> shard.captureStart().toEpochMilli()).min().orElse(0);
    long last =
        shards.stream().mapToLong(shard -> shard.captureStart().toEpochMilli()).max().orElse(0);
    return last - first;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
