package io.ringkeep.advice;

import java.time.Duration;

/// How often storage loses data, if nodes fail on their own and each is whole again after a while.
///
/// @param nodes that hold pieces
/// @param width pieces of an object, each on a node of its own
/// @param tolerated pieces that may be lost
/// @param groups sets of nodes that share objects
/// @param nodeLife mean time until a node fails
/// @param downFor from its failure until its pieces are made anew
public record Durability(
    int nodes, int width, int tolerated, int groups, Duration nodeLife, Duration downFor) {
  /*
   * m = tolerated + 1 nodes are down at once; the last of them to fail does it. A node is down for q = T ÷ (L + T) of the
   * time, so m given nodes come to be down together m · q^(m − 1) · (1 − q) ÷ L times a second. There are C(n, m) such
   * sets, of which a group has C(w, m): one of them shares a group with probability 1 − (1 − C(w, m) ÷ C(n, m))^groups.
   */

  /// Losses a year, whatever is lost in each. C(n, m) · covered · m · q^(m − 1) · (1 − q) ÷ L
  public double lossesPerYear() {
    int together = tolerated + 1;
    double life = Forecast.seconds(nodeLife);
    double down = Forecast.seconds(downFor) / (life + Forecast.seconds(downFor));
    double sets = choose(nodes, together);
    double covered = -Math.expm1(groups * Math.log1p(-sharedPart()));
    double second = sets * covered * together * Math.pow(down, together - 1.0) * (1 - down) / life;
    return second * Duration.ofDays(365).toSeconds();
  }

  /// Part of all objects that are lost when one node more than tolerated dies at once.
  public double sharedPart() {
    int together = tolerated + 1;
    return Math.min(1 - Math.ulp(1.0), choose(width, together) / choose(nodes, together));
  }

  private static double choose(int from, int count) {
    double ways = 1;
    for (int i = 0; i < count; i++) {
      ways *= (double) (from - i) / (i + 1);
    }
    return ways;
  }
}
