package io.ringkeep.cli.session;

import java.util.List;

/// What a command has to say at its end.
///
/// @param json the answer as a value: a record, a list or a map
/// @param text the same in lines for people
/// @param exitCode [#DONE] or [#ATTENTION]; everything else is an exception
public record Answer(Object json, List<String> text, int exitCode) {
  /// Exit status of a command that did what it was asked.
  public static final int DONE = 0;

  /// Exit status of a command that did what it was asked, and found something that a person should
  /// look at.
  public static final int ATTENTION = 1;

  /// Stands in place of a value that was printed already.
  private record Printed() {}

  public Answer {
    text = List.copyOf(text);
  }

  /// What there was to say was too long to be gathered, and has been printed piece by piece.
  public static Answer printed(int exitCode) {
    return new Answer(new Printed(), List.of(), exitCode);
  }

  /// True if nothing is left to print.
  boolean isPrinted() {
    return json instanceof Printed;
  }

  /// All is well.
  public static Answer done(Object json, List<String> text) {
    return new Answer(json, text, DONE);
  }

  /// Done; well only if `healthy`.
  public static Answer of(boolean healthy, Object json, List<String> text) {
    return new Answer(json, text, healthy ? DONE : ATTENTION);
  }
}
