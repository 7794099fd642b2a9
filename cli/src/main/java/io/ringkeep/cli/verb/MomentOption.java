package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.text.TimeText;
import io.ringkeep.lookup.Which;
import io.ringkeep.model.BackupException.InvalidRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which snapshot a command means, by name or by moment.
final class MomentOption {
  @Mixin private CacheOption cache = new CacheOption();

  @Option(
      names = "--snapshot",
      paramLabel = "ID",
      description = "latest, an id, or the start of one (default: latest)")
  private @Nullable String snapshot;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description =
          "the newest snapshot at or before this moment ('get' reads the log, too):"
              + " 2026-11-28T03:15Z, 2026-11-28T04:15+01:00, -15m")
  private @Nullable String at;

  String cache() {
    return cache.name();
  }

  /// The snapshot that is meant.
  ///
  /// @throws InvalidRequest if both are given, or the time is none
  Which which(Session session) {
    if (at == null) {
      return new Which.Named(snapshot == null ? "latest" : snapshot);
    }
    if (snapshot != null) {
      throw new InvalidRequest(
          "--snapshot and --at name the snapshot in two ways", "leave one of them out");
    }
    try {
      return new Which.At(TimeText.parse(at, session.clock().instant()));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(
          "--at is not understood: " + e.getMessage(), "2026-11-28T03:15:01Z and -15m are times");
    }
  }
}
