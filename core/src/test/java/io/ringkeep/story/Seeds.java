package io.ringkeep.story;

/// Where the seeds of randomised stories come from.
final class Seeds {
  private Seeds() {}

  /// The system property `ringkeep.seed`; 0 or none draws one. It is printed.
  static long seed(String test) {
    long given = Long.getLong("ringkeep.seed", 0);
    long seed = given == 0 ? System.nanoTime() : given;
    System.out.println(test + ": -Dringkeep.seed=" + seed);
    return seed;
  }
}
