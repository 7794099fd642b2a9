package io.ringkeep.advice;

import java.util.List;

/// What was found for a situation.
///
/// @param ranked plans that keep all wishes, the best first
/// @param reasons why the first one is, as sentences
/// @param flips what would make another one the first, the nearest change first
public record Advice(
    Situation situation,
    Wishes wishes,
    List<Proposal> ranked,
    List<String> reasons,
    List<String> flips) {
  public Advice {
    ranked = List.copyOf(ranked);
    reasons = List.copyOf(reasons);
    flips = List.copyOf(flips);
  }

  /// The best plan.
  public Proposal winner() {
    return ranked.getFirst();
  }
}
