package io.ringkeep.advice;

import io.ringkeep.advice.Candidates.Spread;
import java.util.List;

/// A plan and what it would do.
///
/// @param warnings what works, but not as one might expect
public record Proposal(Plan plan, Forecast forecast, List<String> warnings, double capacityBytes) {
  public Proposal {
    warnings = List.copyOf(warnings);
  }

  static Proposal of(Situation situation, Spread spread, Cadence cadence, Retention retention) {
    Plan plan = spread.plan(cadence, retention);
    return new Proposal(
        plan,
        Forecast.of(situation, plan, spread.layout()),
        spread.warnings(),
        spread.layout().capacityBytes());
  }

  /// Whether a backup ends before the next one begins.
  boolean keepsUp() {
    return forecast.nextBackup().compareTo(plan.cadence().every()) < 0;
  }
}
