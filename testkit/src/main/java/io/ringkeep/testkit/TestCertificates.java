package io.ringkeep.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import redis.clients.jedis.SslOptions;

/// A private authority with a certificate for servers on loopback and one for clients, as PEM files
/// of which each is valid for a few days.
///
/// @param authority certificate of the authority that signed both
public record TestCertificates(
    Path authority,
    Path serverCertificate,
    Path serverKey,
    Path clientCertificate,
    Path clientKey,
    Path clientStore) {

  private static final String STORE_PASSWORD = "changeit";

  /// Makes new ones in `directory` with the JDK's own `keytool`.
  public static TestCertificates in(Path directory) {
    makePair(directory, "authority", "-ext", "bc:c=ca:true");
    Path authority = writeCertificate(directory, "authority");
    for (String name : List.of("server", "client")) {
      makePair(directory, name);
      sign(directory, name);
      writeCertificate(directory, name);
      writeKey(directory, name);
    }
    return new TestCertificates(
        authority,
        directory.resolve("server.crt"),
        directory.resolve("server.key"),
        directory.resolve("client.crt"),
        directory.resolve("client.key"),
        directory.resolve("client.p12"));
  }

  /// Options of a client that trusts the authority and shows the client's certificate.
  SslOptions clientOptions() {
    char[] password = STORE_PASSWORD.toCharArray();
    return SslOptions.builder()
        .keystore(clientStore.toFile(), password)
        .truststore(clientStore.toFile(), password)
        .build();
  }

  private static void makePair(Path directory, String name, String... extensions) {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of("-genkeypair", "-alias", name, "-dname", "CN=ringkeep test " + name, "-validity"));
    words.addAll(List.of("9", "-keyalg", "EC", "-groupname", "secp256r1"));
    words.addAll(List.of(extensions));
    keytool(directory, name, new byte[0], words.toArray(String[]::new));
  }

  /// The authority signs `name`'s certificate, and `name`'s store takes the authority's and it.
  private static void sign(Path directory, String name) {
    byte[] request = keytool(directory, name, new byte[0], "-certreq", "-alias", name);
    byte[] signed =
        keytool(
            directory,
            "authority",
            request,
            "-gencert",
            "-rfc",
            "-alias",
            "authority",
            "-validity",
            "9",
            "-ext",
            "san=ip:127.0.0.1,dns:localhost");
    byte[] authority = read(directory.resolve("authority.crt"));
    keytool(directory, name, authority, "-importcert", "-noprompt", "-alias", "authority");
    keytool(directory, name, signed, "-importcert", "-noprompt", "-alias", name);
  }

  private static byte[] keytool(Path directory, String store, byte[] input, String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(words));
    command.addAll(List.of("-keystore", directory.resolve(store + ".p12").toString()));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", STORE_PASSWORD));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(directory.resolve("keytool.log").toFile())
              .start();
      process.getOutputStream().write(input);
      process.getOutputStream().close();
      byte[] output = process.getInputStream().readAllBytes();
      if (process.waitFor() != 0) {
        throw new EngineException(
            "keytool failed: " + new String(output, StandardCharsets.UTF_8).strip());
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while making certificates", e);
    }
  }

  private static Path writeCertificate(Path directory, String name) {
    try {
      Certificate certificate = load(directory.resolve(name + ".p12")).getCertificate(name);
      return writePem(directory.resolve(name + ".crt"), "CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void writeKey(Path directory, String name) {
    try {
      Key key = load(directory.resolve(name + ".p12")).getKey(name, STORE_PASSWORD.toCharArray());
      writePem(directory.resolve(name + ".key"), "PRIVATE KEY", key.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path writePem(Path file, String label, byte[] content) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    try {
      return Files.writeString(
          file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KeyStore load(Path file) throws GeneralSecurityException {
    try (InputStream content = new ByteArrayInputStream(read(file))) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(content, STORE_PASSWORD.toCharArray());
      return store;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
