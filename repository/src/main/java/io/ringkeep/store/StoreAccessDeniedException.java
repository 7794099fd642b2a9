package io.ringkeep.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Credentials are missing, wrong or expired, or their rights do not suffice. Asking again does not
/// help.
public final class StoreAccessDeniedException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreAccessDeniedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
