package io.ringkeep.cli.chart;

import java.util.List;

/// One axis of a chart: what it shows and how numbers are laid along it.
///
/// @param label what it shows, with its unit
/// @param low number at its start; above 0 if logarithmic
/// @param high number at its end
/// @param logarithmic whether equal factors take equal lengths
/// @param ticks where it is labelled
public record Axis(String label, double low, double high, boolean logarithmic, List<Tick> ticks) {
  /// A labelled place.
  public record Tick(double at, String label) {}

  public Axis {
    ticks = List.copyOf(ticks);
    if (!(low < high) || (logarithmic && low <= 0)) {
      throw new IllegalArgumentException("no axis: low=" + low + " high=" + high);
    }
  }

  /// Where a number stands: 0 at the start, 1 at the end; what is outside stands at the nearer end.
  double part(double number) {
    double inside = Math.clamp(number, low, high);
    return logarithmic
        ? Math.log(inside / low) / Math.log(high / low)
        : (inside - low) / (high - low);
  }
}
