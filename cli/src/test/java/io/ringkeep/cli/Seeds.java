package io.ringkeep.cli;

import java.util.Random;

/// Randomness that a failed test can be run with again.
final class Seeds {
  private Seeds() {}

  /// From the system property `ringkeep.seed`; 0 or none draws a seed. It is printed.
  static Random random(String test) {
    long given = Long.getLong("ringkeep.seed", 0);
    long seed = given == 0 ? new Random().nextLong() : given;
    System.out.println(test + ": -Dringkeep.seed=" + seed);
    return new Random(seed);
  }
}
