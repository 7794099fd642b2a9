package io.ringkeep.store.sftp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A connection could not be made, broke, or brings no more answers: whether the server did what
/// was under way is not known.
final class ConnectionLostException extends IOException {
  private static final long serialVersionUID = 1L;

  ConnectionLostException(SftpLocation location, String reason, @Nullable Throwable cause) {
    super("no connection: server=%s reason=%s".formatted(location.server(), reason), cause);
  }

  /// The same failure for another caller, with its own stack.
  ConnectionLostException(ConnectionLostException first) {
    super(first.getMessage(), first);
  }
}
