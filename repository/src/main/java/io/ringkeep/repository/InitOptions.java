package io.ringkeep.repository;

import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.crypto.Keyring;

/// How a repository is made.
///
/// @param iterations of PBKDF2 in its key files; fewer than the default only where a test opens it
///   a thousand times
public record InitOptions(Encryption encryption, int iterations) {
  /// Encrypted: what everybody should have.
  public static InitOptions encrypted() {
    return new InitOptions(Encryption.AES_256_GCM, Keyring.ITERATIONS);
  }

  /// Not encrypted.
  public static InitOptions unencrypted() {
    return new InitOptions(Encryption.NONE, Keyring.ITERATIONS);
  }
}
