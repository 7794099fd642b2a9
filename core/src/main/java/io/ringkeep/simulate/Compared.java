package io.ringkeep.simulate;

import io.ringkeep.advice.Margin;

/// A prediction beside what the simulation found.
///
/// @param what it is
/// @param unit of both values
/// @param margin how far the value may be from the prediction
public record Compared(String what, Unit unit, double predicted, double simulated, Margin margin) {
  /// What a value counts.
  public enum Unit {
    /// Of time.
    SECONDS,
    /// The largest over the mean.
    RATIO,
    /// Of all objects, 0 to 1.
    PART,
    /// A year.
    EVENTS
  }

  /// Whether the simulation agrees with the prediction.
  public boolean within() {
    return margin.allows(predicted, simulated);
  }

  /// How far off it is, in percent of the prediction.
  public double percentOff() {
    return predicted == 0 ? 0 : 100 * (simulated / predicted - 1);
  }
}
