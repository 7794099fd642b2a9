package io.ringkeep.cli.verb;

import io.ringkeep.advice.Cadence;
import io.ringkeep.advice.Importance;
import io.ringkeep.advice.Wishes;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.Strategy;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What is wanted.
final class WishOptions {
  @Option(
      names = "--importance",
      paramLabel = "low|normal|high",
      completionCandidates = Choices.OfImportance.class,
      description =
          "losses of storage to survive, 0, 1 or 2, and how long to keep snapshots (default:"
              + " normal)")
  private @Nullable Importance importance;

  @Option(
      names = "--rpo",
      paramLabel = "TIME",
      description = "newest writes that may be lost with the cache")
  private @Nullable Duration rpo;

  @Option(names = "--rto", paramLabel = "TIME", description = "time until the cache is back")
  private @Nullable Duration rto;

  @Option(
      names = "--far-rto",
      paramLabel = "TIME",
      description = "the same when all local storage is gone, too")
  private @Nullable Duration farRto;

  @Option(
      names = "--losses",
      paramLabel = "N",
      description = "places that may be lost at once; instead of what --importance says")
  private @Nullable Integer losses;

  @Option(
      names = "--budget",
      paramLabel = "SIZE",
      description = "stored on all places together, at most")
  private @Nullable ByteSize budget;

  @Option(
      names = "--strategy",
      paramLabel = "STRATEGY",
      description = "this one only: shard:N, copy:N, erasure:K+M")
  private @Nullable String strategy;

  @Option(
      names = "--cadence",
      paramLabel = "full|incremental|archive",
      completionCandidates = Choices.OfCadence.class,
      description = "this kind only")
  private Cadence.@Nullable Kind cadence;

  Wishes wishes() {
    if (losses != null && losses < 0) {
      throw new InvalidRequest("losses are 0 or more: losses=" + losses, null);
    }
    return new Wishes(
        Optional.ofNullable(importance),
        Optional.ofNullable(rpo),
        Optional.ofNullable(rto),
        Optional.ofNullable(farRto),
        losses == null ? OptionalInt.empty() : OptionalInt.of(losses),
        budget == null ? OptionalLong.empty() : OptionalLong.of(budget.bytes()),
        Optional.ofNullable(strategy).map(WishOptions::strategy),
        Optional.ofNullable(cadence));
  }

  private static Strategy strategy(String text) {
    try {
      return Strategy.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(String.valueOf(e.getMessage()), "such as erasure:4+2 or copy:3");
    }
  }
}
