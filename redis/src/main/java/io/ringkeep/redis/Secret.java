package io.ringkeep.redis;

/// A password. Shows itself to nobody but who asks with [#reveal].
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  public static Secret of(String value) {
    return new Secret(value);
  }

  /// The password itself: for the wire, never for a message.
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "***";
  }
}
