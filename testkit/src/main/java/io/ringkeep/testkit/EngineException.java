package io.ringkeep.testkit;

import org.jspecify.annotations.Nullable;

/// A server that cannot be had, does not start, or does not reach the state that was waited for.
/// The message ends with what the server itself said.
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EngineException(String message) {
    super(message);
  }

  EngineException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
