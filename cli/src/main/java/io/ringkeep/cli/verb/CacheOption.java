package io.ringkeep.cli.verb;

import picocli.CommandLine.Option;

/// Which lineage of snapshots a command means.
final class CacheOption {
  @Option(
      names = "--cache",
      paramLabel = "NAME",
      description = "the lineage of snapshots (default: default)")
  private String cache = "default";

  String name() {
    return cache;
  }
}
