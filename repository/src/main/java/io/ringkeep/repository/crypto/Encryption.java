package io.ringkeep.repository.crypto;

import java.util.Optional;

/// How a repository's objects are sealed. Chosen once, when it is made.
public enum Encryption {
  /// Not secret; damage is found by checksums.
  NONE(0, "NONE"),
  /// Secret; damage and tampering are found by authentication tags.
  AES_256_GCM(1, "AES-256-GCM");

  private final int code;
  private final String wireName;

  Encryption(int code, String wireName) {
    this.code = code;
    this.wireName = wireName;
  }

  /// The number in an object's header.
  public int code() {
    return code;
  }

  /// The name in the `REPOSITORY` file.
  public String wireName() {
    return wireName;
  }

  /// The one of this name; empty if this version knows none.
  public static Optional<Encryption> named(String wireName) {
    for (Encryption encryption : values()) {
      if (encryption.wireName.equals(wireName)) {
        return Optional.of(encryption);
      }
    }
    return Optional.empty();
  }
}
