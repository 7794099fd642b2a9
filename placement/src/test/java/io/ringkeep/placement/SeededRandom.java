package io.ringkeep.placement;

import java.util.Random;

/// Randomness that a failed test can be run with again: the seed is the system property
/// `ringkeep.seed`, or drawn if that is 0 or missing, and printed.
final class SeededRandom {
  private SeededRandom() {}

  static Random create(String test) {
    long seed = Long.getLong("ringkeep.seed", 0);
    if (seed == 0) {
      seed = System.nanoTime();
    }
    System.out.println(test + ": -Dringkeep.seed=" + seed);
    return new Random(seed);
  }
}
