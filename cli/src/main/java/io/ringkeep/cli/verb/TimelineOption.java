package io.ringkeep.cli.verb;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.recover.Timelines;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which timeline of the log is meant, where several have the moment.
final class TimelineOption {
  @Option(
      names = "--timeline",
      paramLabel = "N",
      description = {
        "the one that 'status' numbers so, of those that have the moment (default: the newest);",
        "of several shards SHARD=N,SHARD=N"
      })
  private @Nullable String timeline;

  /// Those that are looked at.
  ///
  /// @param moment whether a moment of the log is named
  /// @param option that names it
  /// @throws InvalidRequest if it is no timeline, or there is no moment
  Timelines timelines(boolean moment, String option) {
    if (timeline == null) {
      return Timelines.NEWEST;
    }
    if (!moment) {
      throw new InvalidRequest(
          "only the log has timelines: timeline=" + timeline, "name a moment with " + option);
    }
    return Timelines.parse(timeline);
  }
}
