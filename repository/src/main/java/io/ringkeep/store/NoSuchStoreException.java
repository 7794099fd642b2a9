package io.ringkeep.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The place where a store should be is not there, such as a bucket, and is not made by writing to
/// it.
public final class NoSuchStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public NoSuchStoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
