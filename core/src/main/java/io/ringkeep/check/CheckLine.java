package io.ringkeep.check;

import java.util.Optional;

/// What one test found.
///
/// @param level whether the operator must act
/// @param subject what was tested: `store write`, `10.0.0.1:6379 memory`
/// @param finding the fact, with its numbers
/// @param hint the next step, where there is one
public record CheckLine(Level level, String subject, String finding, Optional<String> hint) {
  /// How bad it is.
  public enum Level {
    /// Works.
    OK,
    /// Works, but something may surprise.
    WARN,
    /// The work would fail.
    FAIL
  }

  /// A test that passed.
  public static CheckLine ok(String subject, String finding) {
    return new CheckLine(Level.OK, subject, finding, Optional.empty());
  }

  /// A test that passed with a caution.
  public static CheckLine warn(String subject, String finding, String hint) {
    return new CheckLine(Level.WARN, subject, finding, Optional.of(hint));
  }

  /// A test that failed.
  public static CheckLine fail(String subject, String finding, String hint) {
    return new CheckLine(Level.FAIL, subject, finding, Optional.of(hint));
  }
}
