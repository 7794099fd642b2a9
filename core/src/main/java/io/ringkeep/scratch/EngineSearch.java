package io.ringkeep.scratch;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.SnapshotFormat;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds a server program that can load a snapshot: the one that was named, else one on the PATH.
public final class EngineSearch {
  private static final List<String> NAMES = List.of("redis-server", "valkey-server");

  /// `Redis server v=7.0.15 sha=…`, `Valkey server v=9.1.2 …`.
  private static final Pattern VERSION =
      Pattern.compile("(Redis|Valkey) server v=(\\d+\\.\\d+\\.\\d+)");

  /// A program and what it calls itself.
  public record Found(Path program, EngineVersion version) {}

  private EngineSearch() {}

  /// For one snapshot.
  ///
  /// @throws BackupException.InvalidRequest if none can load it; the hint names versions that can
  public static Found find(Manifest manifest, Optional<Path> named)
      throws IOException, InterruptedException {
    return find(List.of(manifest), named, _ -> true);
  }

  /// For all of some snapshots.
  ///
  /// @param wanted what else its version must be
  /// @throws BackupException.InvalidRequest if none can load them; the hint names versions that can
  public static Found find(
      List<Manifest> manifests, Optional<Path> named, Predicate<EngineVersion> wanted)
      throws IOException, InterruptedException {
    List<String> tooOld = new ArrayList<>();
    for (Path program : named.map(List::of).orElseGet(EngineSearch::onPath)) {
      EngineVersion version = version(program);
      if (wanted.test(version)
          && manifests.stream().allMatch(one -> SnapshotFormat.isLoadedBy(one, version))) {
        return new Found(program, version);
      }
      tooOld.add(program + " is " + version);
    }
    throw new BackupException.InvalidRequest(
        tooOld.isEmpty()
            ? "no redis-server or valkey-server is on the PATH"
            : "no server program here can load the snapshot: " + String.join(", ", tooOld),
        "name one with --engine: " + SnapshotFormat.engines(manifests.getFirst()));
  }

  private static List<Path> onPath() {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .toList();
  }

  private static EngineVersion version(Path program) throws IOException, InterruptedException {
    if (!Files.isExecutable(program)) {
      throw new BackupException.InvalidRequest(
          "not a program: path=" + program, "name a redis-server or valkey-server with --engine");
    }
    Process process =
        new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor(10, TimeUnit.SECONDS);
    Matcher version = VERSION.matcher(output);
    if (!version.find()) {
      throw new BackupException.InvalidRequest(
          "not a server program: path=%s says=%s"
              .formatted(program, output.lines().findFirst().orElse("")),
          "name a redis-server or valkey-server with --engine");
    }
    return EngineVersion.parse(
        version.group(1).equals("Redis")
            ? EngineVersion.Product.REDIS
            : EngineVersion.Product.VALKEY,
        version.group(2));
  }
}
