package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemFilesTest {
  /// PKCS#8's head before the PKCS#1 key, when that is 256 to 65535 bytes long.
  private static final int HEAD_BYTES = 26;

  @TempDir private Path folder;

  private static PrivateKey key(String algorithm) throws GeneralSecurityException {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();
  }

  private Path write(String label, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        folder.resolve("file.pem"),
        "Some words before.\n-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(label, body, label));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void privateKey_pkcs8_isRead(String algorithm) throws Exception {
    PrivateKey key = key(algorithm);

    assertThat(PemFiles.privateKey(write("PRIVATE KEY", key.getEncoded())).getEncoded())
        .isEqualTo(key.getEncoded());
  }

  @Test
  void privateKey_pkcs1_isRead() throws Exception {
    PrivateKey key = key("RSA");
    byte[] pkcs8 = key.getEncoded();
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, HEAD_BYTES, pkcs8.length);

    assertThat(PemFiles.privateKey(write("RSA PRIVATE KEY", pkcs1)).getEncoded()).isEqualTo(pkcs8);
  }

  @ParameterizedTest
  @CsvSource({
    "EC PRIVATE KEY, SEC1",
    "ENCRYPTED PRIVATE KEY, encrypted",
    "CERTIFICATE, no private key",
    "PRIVATE KEY, cannot be read"
  })
  void privateKey_unusable_saysWhyAndWhatToDo(String label, String reason) throws Exception {
    Path file = write(label, new byte[] {1, 2, 3});

    assertThatThrownBy(() -> PemFiles.privateKey(file))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason)
        .satisfies(refusal ->
            assertThat(((InvalidRequest) refusal).hint().orElseThrow())
                .contains("openssl pkcs8 -topk8 -nocrypt"));
  }

  @Test
  void privateKey_oldEncryptedForm_isRefused() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("old.pem"),
            """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

            AAAA
            -----END RSA PRIVATE KEY-----
            """);

    assertThatThrownBy(() -> PemFiles.privateKey(file))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("encrypted");
  }

  @Test
  void certificates_noneInFile_isRefused() throws Exception {
    Path file = write("PRIVATE KEY", key("EC").getEncoded());

    assertThatThrownBy(() -> PemFiles.certificates(file))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("no certificate");
  }

  @Test
  void certificates_noFile_isRefused() {
    Path file = folder.resolve("nowhere.pem");

    assertThatThrownBy(() -> PemFiles.certificates(file))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("NoSuchFileException");
  }
}
