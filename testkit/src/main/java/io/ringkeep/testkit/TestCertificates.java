package io.ringkeep.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
  private static final String AUTHORITY = "authority";
  private static final String STORE = "all.p12";

  /// Makes new ones in `directory` with the JDK's own `keytool`.
  public static TestCertificates in(Path directory) {
    // One store for all of them, so that a run of keytool makes each: a run takes a second or two.
    makePair(directory, AUTHORITY, "-ext", "bc:c=ca:true");
    for (String name : List.of("server", "client")) {
      makePair(directory, name, "-signer", AUTHORITY, "-ext", "san=ip:127.0.0.1,dns:localhost");
    }
    try {
      KeyStore store = load(directory.resolve(STORE));
      Certificate authority = store.getCertificate(AUTHORITY);
      Signed server = write(directory, store, "server");
      Signed client = write(directory, store, "client");
      return new TestCertificates(
          writePem(directory.resolve("authority.crt"), "CERTIFICATE", authority),
          server.certificate(),
          server.key(),
          client.certificate(),
          client.key(),
          writeClientStore(directory.resolve("client.p12"), store));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A certificate and its key, as PEM files.
  public record Signed(Path certificate, Path key) {}

  /// One that nobody has signed but it itself, in `directory`.
  public static Signed selfSigned(Path directory) {
    makePair(directory, "stranger");
    try {
      return write(directory, load(directory.resolve(STORE)), "stranger");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Signed write(Path directory, KeyStore store, String name)
      throws GeneralSecurityException, IOException {
    return new Signed(
        writePem(directory.resolve(name + ".crt"), "CERTIFICATE", store.getCertificate(name)),
        writePem(
            directory.resolve(name + ".key"),
            "PRIVATE KEY",
            store.getKey(name, STORE_PASSWORD.toCharArray())));
  }

  /// Options of a client that trusts the authority and shows the client's certificate.
  SslOptions clientOptions() {
    char[] password = STORE_PASSWORD.toCharArray();
    return SslOptions.builder()
        .keystore(clientStore.toFile(), password)
        .truststore(clientStore.toFile(), password)
        .build();
  }

  private static void makePair(Path directory, String name, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", name, "-dname", "CN=ringkeep test " + name));
    command.addAll(List.of("-validity", "9", "-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of(more));
    command.addAll(List.of("-keystore", directory.resolve(STORE).toString()));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", STORE_PASSWORD));
    command.add("-J-XX:TieredStopAtLevel=1");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new EngineException("keytool failed: " + output.strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while making certificates", e);
    }
  }

  /// The client's key, and the authority that it trusts.
  private static Path writeClientStore(Path file, KeyStore all)
      throws GeneralSecurityException, IOException {
    char[] password = STORE_PASSWORD.toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, password);
    store.setCertificateEntry(AUTHORITY, all.getCertificate(AUTHORITY));
    store.setKeyEntry(
        "client", all.getKey("client", password), password, all.getCertificateChain("client"));
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, password);
    }
    return file;
  }

  private static Path writePem(Path file, String label, Certificate content)
      throws GeneralSecurityException, IOException {
    return writePem(file, label, content.getEncoded());
  }

  private static Path writePem(Path file, String label, Key content) throws IOException {
    return writePem(file, label, content.getEncoded());
  }

  private static Path writePem(Path file, String label, byte[] content) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label));
  }

  private static KeyStore load(Path file) throws GeneralSecurityException, IOException {
    try (InputStream content = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(content, STORE_PASSWORD.toCharArray());
      return store;
    }
  }
}
