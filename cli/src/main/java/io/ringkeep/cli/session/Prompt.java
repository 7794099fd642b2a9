package io.ringkeep.cli.session;

import java.util.Optional;

/// Asks the person at the terminal.
public interface Prompt {

  /// Whether there is anyone to ask.
  boolean available();

  /// The line typed, not shown while it is; empty at the end of input.
  Optional<String> secret(String question);

  /// The line typed; empty at the end of input.
  Optional<String> line(String question);

  /// Whether someone is being asked at this moment: such a wait can't be interrupted.
  default boolean asking() {
    return false;
  }

  /// Asks nobody.
  static Prompt none() {
    return new Prompt() {
      @Override
      public boolean available() {
        return false;
      }

      @Override
      public Optional<String> secret(String question) {
        return Optional.empty();
      }

      @Override
      public Optional<String> line(String question) {
        return Optional.empty();
      }
    };
  }
}
