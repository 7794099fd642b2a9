package io.ringkeep.redis;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads certificates and private keys from PEM files (RFC 7468).
final class PemFiles {
  private static final Pattern SECTION =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  /// PKCS#8's version 0 and the algorithm `rsaEncryption` with no parameters, in DER.
  private static final byte[] RSA_ALGORITHM = {
    2, 1, 0, 0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1, 5, 0
  };

  private PemFiles() {}

  /// Every certificate of a file, in its order.
  static List<X509Certificate> certificates(Path file) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Section section : sections(file)) {
      if (section.label().endsWith("CERTIFICATE")) {
        try {
          certificates.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(section.der().array())));
        } catch (CertificateException e) {
          throw unusable(file, "a certificate in it cannot be read");
        }
      }
    }
    if (certificates.isEmpty()) {
      throw unusable(file, "it holds no certificate");
    }
    return certificates;
  }

  /// The first private key of a file.
  static PrivateKey privateKey(Path file) {
    for (Section section : sections(file)) {
      switch (section.label()) {
        case "PRIVATE KEY" -> {
          return pkcs8(file, section.der().array());
        }
        case "RSA PRIVATE KEY" -> {
          return pkcs8(file, wrapRsa(section.der().array()));
        }
        case "EC PRIVATE KEY" ->
            throw unusable(file, "its key is in the SEC1 form, PKCS#8 is needed");
        case "ENCRYPTED PRIVATE KEY" -> throw unusable(file, "its key is encrypted");
        default -> {
          // Certificates and parameters may stand in the same file.
        }
      }
    }
    throw unusable(file, "it holds no private key");
  }

  private static PrivateKey pkcs8(Path file, byte[] der) {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // Another algorithm's key: only its own factory accepts it.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("no key factory: algorithm=" + algorithm, e);
      }
    }
    throw unusable(file, "its private key cannot be read");
  }

  /* PKCS#8 is SEQUENCE { version, algorithm, OCTET STRING { PKCS#1 } } (RFC 5208). */
  private static byte[] wrapRsa(byte[] pkcs1) {
    byte[] octets = der(0x04, pkcs1);
    return der(
        0x30,
        ByteBuffer.allocate(RSA_ALGORITHM.length + octets.length)
            .put(RSA_ALGORITHM)
            .put(octets)
            .array());
  }

  private static byte[] der(int tag, byte[] content) {
    // Four length bytes whatever the length: longer than DER's shortest form, and read all the
    // same.
    return ByteBuffer.allocate(6 + content.length)
        .put((byte) tag)
        .put((byte) 0x84)
        .putInt(content.length)
        .put(content)
        .array();
  }

  private static List<Section> sections(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw unusable(file, "it cannot be read (" + e.getClass().getSimpleName() + ")");
    }
    List<Section> sections = new ArrayList<>();
    Matcher section = SECTION.matcher(text);
    while (section.find()) {
      String label = section.group(1);
      String body = section.group(2);
      if (body.contains("ENCRYPTED")) {
        throw unusable(file, "its key is encrypted"); // PKCS#1's "Proc-Type: 4,ENCRYPTED"
      }
      try {
        sections.add(new Section(label, ByteBuffer.wrap(Base64.getMimeDecoder().decode(body))));
      } catch (IllegalArgumentException e) {
        throw unusable(file, "its base64 text is damaged");
      }
    }
    return sections;
  }

  private static InvalidRequest unusable(Path file, String why) {
    return new InvalidRequest(
        "TLS file is unusable: file=" + file + " reason=" + why,
        why.contains("key")
            ? "'openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW' writes a key in the form that is read"
            : "PEM files with CERTIFICATE and PRIVATE KEY sections are read");
  }

  private record Section(String label, ByteBuffer der) {}
}
