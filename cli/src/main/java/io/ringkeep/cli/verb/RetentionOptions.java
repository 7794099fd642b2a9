package io.ringkeep.cli.verb;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.retention.RetentionPolicy;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Rules for which snapshots are kept.
final class RetentionOptions {
  @Option(names = "--keep-last", paramLabel = "N", description = "keep the newest so many")
  private int last;

  @Option(
      names = "--keep-hourly",
      paramLabel = "N",
      description = "keep the newest of each of the newest so many hours that have one")
  private int hourly;

  @Option(names = "--keep-daily", paramLabel = "N", description = "the same for days")
  private int daily;

  @Option(
      names = "--keep-weekly",
      paramLabel = "N",
      description = "the same for weeks, from Monday on")
  private int weekly;

  @Option(names = "--keep-monthly", paramLabel = "N", description = "the same for months")
  private int monthly;

  @Option(names = "--keep-yearly", paramLabel = "N", description = "the same for years")
  private int yearly;

  @Option(
      names = "--keep-within",
      paramLabel = "TIME",
      description = "keep all that are at most so much older than the newest: 7d")
  private @Nullable Duration within;

  @Option(
      names = "--keep-window",
      paramLabel = "TIME",
      description =
          "keep what restores any moment of so long before the newest, and no log from before: 7d")
  private @Nullable Duration window;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "whose hours and days these are, such as Europe/Berlin (default: UTC)")
  private String zone = "UTC";

  /// The policy, unless no rule is given.
  Optional<RetentionPolicy> policy() {
    boolean any =
        within != null
            || window != null
            || IntStream.of(last, hourly, daily, weekly, monthly, yearly)
                .anyMatch(count -> count != 0);
    return any
        ? Optional.of(
            new RetentionPolicy(
                last,
                hourly,
                daily,
                weekly,
                monthly,
                yearly,
                Optional.ofNullable(within),
                Optional.ofNullable(window),
                zone()))
        : Optional.empty();
  }

  private ZoneId zone() {
    try {
      return ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new InvalidRequest(
          "not a time zone: zone=" + zone, "write it as Europe/Berlin, UTC or +01:00");
    }
  }
}
