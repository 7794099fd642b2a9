package io.ringkeep.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Nothing can be written to this store.
public final class ReadOnlyStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public ReadOnlyStoreException(String location, @Nullable Throwable cause) {
    super("store cannot be written to: location=" + location, cause);
  }
}
