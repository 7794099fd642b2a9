package io.ringkeep.advice;

import io.ringkeep.placement.Strategy;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What is wanted; what is empty is left to the advisor.
///
/// @param importance stands in for `losses`, and says how long snapshots should be kept
/// @param rpo newest writes that may be lost
/// @param rto time until the cache is back, all storage being there
/// @param farRto the same when all local storage is gone
/// @param losses storage nodes that may be lost at once
/// @param budgetBytes stored on all nodes together, at most
/// @param strategy this one and no other
/// @param cadence this kind and no other
public record Wishes(
    Optional<Importance> importance,
    Optional<Duration> rpo,
    Optional<Duration> rto,
    Optional<Duration> farRto,
    OptionalInt losses,
    OptionalLong budgetBytes,
    Optional<Strategy> strategy,
    Optional<Cadence.Kind> cadence) {

  /// What is taken if nobody says how important the data is.
  Importance effectiveImportance() {
    return importance.orElse(Importance.NORMAL);
  }

  Wishes withRpo(Duration other) {
    return new Wishes(
        importance, Optional.of(other), rto, farRto, losses, budgetBytes, strategy, cadence);
  }

  Wishes withRto(Duration other) {
    return new Wishes(
        importance, rpo, Optional.of(other), farRto, losses, budgetBytes, strategy, cadence);
  }

  Wishes withLosses(int other) {
    return new Wishes(
        importance, rpo, rto, farRto, OptionalInt.of(other), budgetBytes, strategy, cadence);
  }
}
