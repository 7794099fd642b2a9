package io.ringkeep.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Nothing can be written to this store.
public final class ReadOnlyStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public ReadOnlyStoreException(String location, @Nullable Throwable cause) {
    super("store cannot be written to: location=" + location, cause);
  }

  private ReadOnlyStoreException(String message) {
    super(message);
  }

  /// Of a store of several places that can't be written to as they are now.
  public static ReadOnlyStoreException because(String reason) {
    return new ReadOnlyStoreException("nothing can be written: " + reason);
  }
}
