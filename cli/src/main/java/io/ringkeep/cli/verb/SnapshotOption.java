package io.ringkeep.cli.verb;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which snapshot a command means.
final class SnapshotOption {
  @Mixin private CacheOption cache = new CacheOption();

  @Option(
      names = "--snapshot",
      paramLabel = "ID",
      description = "latest, an id, or the start of one (default: latest)")
  private String snapshot = "latest";

  String cache() {
    return cache.name();
  }

  String id() {
    return snapshot;
  }
}
