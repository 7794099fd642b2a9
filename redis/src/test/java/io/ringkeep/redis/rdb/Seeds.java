package io.ringkeep.redis.rdb;

import java.util.Random;

/// Randomness that a failed test can be run with again: the seed is the system property
/// `ringkeep.seed`, or drawn if that is 0 or missing, and printed.
final class Seeds {
  private Seeds() {}

  static Random random(String test) {
    long seed = Long.getLong("ringkeep.seed", 0);
    if (seed == 0) {
      seed = System.nanoTime();
    }
    System.out.println(test + ": -Dringkeep.seed=" + seed);
    return new Random(seed);
  }

  /// `sample` rounds, or twenty times as many under `-Pproof`.
  static int rounds(int sample) {
    return System.getProperty("ringkeep.proof", "sample").equals("full") ? 20 * sample : sample;
  }
}
