package io.ringkeep.repository.crypto;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The data key, wrapped by one passphrase: a checked document `keys/<id>.json`.
///
/// The wrapping key is PBKDF2-HMAC-SHA-512(passphrase in UTF-8, salt, iterations), 32 bytes. The
/// data key is wrapped by AES-256-GCM under it, with `<repository>/keys/<id>` as associated data.
///
/// @param repository id of the repository: what an interrupted `init` left behind is not a key
/// @param salt 32 bytes, Base64, as are `nonce` (12) and `wrappedKey` (48)
record KeyFile(
    int format,
    String id,
    String repository,
    String label,
    Instant created,
    String kdf,
    int iterations,
    String salt,
    String cipher,
    String nonce,
    String wrappedKey) {
  static final int FORMAT = 1;
  static final String DIRECTORY = "keys/";

  private static final String KDF = "PBKDF2-HMAC-SHA-512";
  private static final String CIPHER = "AES-256-GCM";
  private static final int MAX_ITERATIONS = 100_000_000;
  private static final int TAG_BITS = 128;

  static KeyFile wrap(
      DataKey key,
      Passphrase passphrase,
      String id,
      String repository,
      String label,
      Instant created,
      int iterations,
      RandomGenerator random) {
    byte[] salt = new byte[32];
    byte[] nonce = new byte[12];
    random.nextBytes(salt);
    random.nextBytes(nonce);
    try {
      Cipher cipher =
          cipher(Cipher.ENCRYPT_MODE, passphrase, salt, iterations, nonce, repository, id);
      String wrapped = base64(cipher.doFinal(key.bytes()));
      return new KeyFile(
          FORMAT,
          id,
          repository,
          label,
          created,
          KDF,
          iterations,
          base64(salt),
          CIPHER,
          base64(nonce),
          wrapped);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot wrap keys", e);
    }
  }

  static KeyFile read(String name, ByteBuffer bytes) {
    KeyFile file = Json.readChecked(name, bytes, FORMAT, KeyFile.class);
    if (!file.kdf.equals(KDF) || !file.cipher.equals(CIPHER)) {
      throw new UnsupportedFormat(
          "key is wrapped in an unknown way: file=%s kdf=%s cipher=%s"
              .formatted(name, file.kdf, file.cipher),
          "use a newer version of Ringkeep");
    }
    if (!name.equals(file.name()) || file.iterations < 1 || file.iterations > MAX_ITERATIONS) {
      throw new CorruptData(
          "key file is not what its name says: file=%s id=%s iterations=%d"
              .formatted(name, file.id, file.iterations),
          "use another copy of it, or another passphrase",
          null);
    }
    return file;
  }

  ByteBuffer bytes() {
    return Json.writeChecked(this);
  }

  String name() {
    return DIRECTORY + id + ".json";
  }

  KeyInfo info() {
    return new KeyInfo(id, label, created);
  }

  /// The data key; empty if this is not its passphrase.
  Optional<DataKey> unwrap(Passphrase passphrase) {
    try {
      Cipher cipher =
          cipher(
              Cipher.DECRYPT_MODE,
              passphrase,
              decode(salt),
              iterations,
              decode(nonce),
              repository,
              id);
      byte[] key = cipher.doFinal(decode(wrappedKey));
      try {
        return Optional.of(DataKey.of(key));
      } finally {
        Arrays.fill(key, (byte) 0);
      }
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new CorruptData(
          "key file holds no wrapped key: file=" + name(), "use another copy of it", e);
    }
  }

  private static Cipher cipher(
      int mode,
      Passphrase passphrase,
      byte[] salt,
      int iterations,
      byte[] nonce,
      String repository,
      String id)
      throws GeneralSecurityException {
    char[] characters = passphrase.characters();
    try {
      byte[] key = Pbkdf2.derive(characters, salt, iterations, DataKey.BYTES);
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD((repository + "/" + DIRECTORY + id).getBytes(StandardCharsets.UTF_8));
      Arrays.fill(key, (byte) 0);
      return cipher;
    } finally {
      Arrays.fill(characters, ' ');
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] decode(String base64) {
    return Base64.getDecoder().decode(base64);
  }
}
