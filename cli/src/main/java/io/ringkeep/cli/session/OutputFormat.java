package io.ringkeep.cli.session;

/// In which form an answer is printed.
public enum OutputFormat {
  /// Lines for people.
  TEXT,
  /// One JSON value.
  JSON
}
