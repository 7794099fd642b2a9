package io.ringkeep.redis;

import io.ringkeep.testkit.TestCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Certificates for tests, made once: making them takes seconds.
public final class Certificates {
  /// An authority, and what it signed for a server and a client.
  public static final TestCertificates OURS = TestCertificates.in(folder());

  /// A client that signed its certificate itself.
  static final TlsFiles STRANGER = stranger(folder());

  private static final String PASSWORD = "changeit";

  private Certificates() {}

  /// Files of a client that trusts our authority and shows its certificate.
  public static TlsFiles client() {
    return new TlsFiles(
        Optional.of(OURS.authority()),
        Optional.of(OURS.clientCertificate()),
        Optional.of(OURS.clientKey()));
  }

  private static TlsFiles stranger(Path folder) {
    Path store = folder.resolve("stranger.p12");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "stranger",
            "-dname",
            "CN=stranger",
            "-keyalg",
            "EC",
            "-keystore",
            store.toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD);
    try {
      Process keytool =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("keytool.log").toFile())
              .start();
      if (keytool.waitFor() != 0) {
        throw new IllegalStateException("keytool failed");
      }
      try (InputStream content = Files.newInputStream(store)) {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(content, PASSWORD.toCharArray());
        Path certificate = pem(folder, "CERTIFICATE", keys.getCertificate("stranger").getEncoded());
        Path key =
            pem(
                folder,
                "PRIVATE KEY",
                keys.getKey("stranger", PASSWORD.toCharArray()).getEncoded());
        return new TlsFiles(Optional.of(certificate), Optional.of(certificate), Optional.of(key));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path pem(Path folder, String label, byte[] der) throws IOException {
    return Files.writeString(
        folder.resolve(label.replace(' ', '-') + ".pem"),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(label, Base64.getMimeEncoder().encodeToString(der), label));
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
