package io.ringkeep.redis;

import java.nio.file.Path;
import java.util.Optional;

/// What a TLS connection is made from: PEM files, read anew for every connection.
///
/// @param ca certificates that are trusted; the JDK's own where absent
/// @param certificate the client's certificate, followed by its chain
/// @param key the client certificate's private key, PKCS#8 or PKCS#1, unencrypted
/// @param verification what the server's certificate has to prove
public record TlsFiles(
    Optional<Path> ca, Optional<Path> certificate, Optional<Path> key, Verification verification) {

  /// What the server's certificate has to prove.
  public enum Verification {
    /// Signed by a trusted authority, and issued for the host that was dialled.
    FULL,
    /// Signed by a trusted authority. For clusters that announce addresses their certificates lack.
    AUTHORITY,
    /// Nothing: anyone on the way can read and answer.
    NONE
  }

  public TlsFiles {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException("a client certificate and its key come together");
    }
  }

  public TlsFiles(Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {
    this(ca, certificate, key, Verification.FULL);
  }

  /// TLS with the JDK's authorities and no client certificate.
  public static TlsFiles none() {
    return new TlsFiles(Optional.empty(), Optional.empty(), Optional.empty());
  }
}
