package io.ringkeep.advice;

/// How far a value may be from its prediction.
///
/// @param below percent that it may be less; 100 says that the prediction is an upper bound
/// @param above percent that it may be more
public record Margin(int below, int above) {
  /// Known exactly.
  public static final Margin EXACT = new Margin(0, 0);

  /// As far in both directions.
  public static Margin of(int percent) {
    return new Margin(percent, percent);
  }

  /// Whether a value is within it.
  public boolean allows(double predicted, double value) {
    return value >= predicted * (1 - below / 100.0) && value <= predicted * (1 + above / 100.0);
  }

  /// `± 25 %`, `-69 % +5 %`, `at most`, `exact`.
  @Override
  public String toString() {
    if (below == 0 && above == 0) {
      return "exact";
    }
    if (below == 100) {
      return above == 0 ? "at most" : "at most, +%d %%".formatted(above);
    }
    return below == above ? "± %d %%".formatted(above) : "-%d %% +%d %%".formatted(below, above);
  }
}
