package io.ringkeep.store;

import java.io.IOException;

/// There is no object of this key.
public final class NoSuchObjectException extends IOException {
  private static final long serialVersionUID = 1L;

  public NoSuchObjectException(String key) {
    super("no such object: object=" + key);
  }
}
