package io.ringkeep.redis;

import io.ringkeep.testkit.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Certificates for tests, made once: making them takes seconds.
public final class Certificates {
  /// An authority, and what it signed for a server and a client.
  public static final TestCertificates OURS = TestCertificates.in(folder());

  /// A client that signed its certificate itself.
  static final TlsFiles STRANGER = stranger(folder());

  private Certificates() {}

  /// Files of a client that trusts our authority and shows its certificate.
  public static TlsFiles client() {
    return new TlsFiles(
        Optional.of(OURS.authority()),
        Optional.of(OURS.clientCertificate()),
        Optional.of(OURS.clientKey()));
  }

  private static TlsFiles stranger(Path folder) {
    TestCertificates.Signed own = TestCertificates.selfSigned(folder);
    return new TlsFiles(
        Optional.of(own.certificate()), Optional.of(own.certificate()), Optional.of(own.key()));
  }

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("ringkeep-certificates");
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
