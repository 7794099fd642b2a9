package io.ringkeep.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Two measurements taken by turns, and the ratio of each pair.
///
/// @param name what is compared
/// @param ours what is measured
/// @param other what it is held against
/// @param target the ratio that was promised, ours ÷ other
/// @param ourSeconds of each round
/// @param otherSeconds of each round
record Comparison(
    String name,
    String ours,
    String other,
    double target,
    List<Double> ourSeconds,
    List<Double> otherSeconds) {

  /// Something that takes time and says how many seconds counted.
  interface Timed {
    double run() throws Exception;
  }

  /// Runs both by turns: other, ours, other, ours, …
  static Comparison of(
      String name, String ours, String other, double target, int rounds, Timed our, Timed others)
      throws Exception {
    List<Double> ourSeconds = new ArrayList<>();
    List<Double> otherSeconds = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      otherSeconds.add(others.run());
      ourSeconds.add(our.run());
      System.err.printf(
          "%s, round %d: %s %.2f s, %s %.2f s, ratio %.2f%n",
          name,
          round + 1,
          ours,
          ourSeconds.getLast(),
          other,
          otherSeconds.getLast(),
          ourSeconds.getLast() / otherSeconds.getLast());
    }
    return new Comparison(name, ours, other, target, ourSeconds, otherSeconds);
  }

  /// Median of the ratios of the pairs.
  double ratio() {
    double[] ratios = new double[ourSeconds.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ourSeconds.get(i) / otherSeconds.get(i);
    }
    return median(ratios);
  }

  /// Median of our times, in seconds.
  double ourMedian() {
    return median(ourSeconds.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /// Median of the other's times, in seconds.
  double otherMedian() {
    return median(otherSeconds.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /// True if the ratio is within what was promised.
  boolean met() {
    return ratio() <= target;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
