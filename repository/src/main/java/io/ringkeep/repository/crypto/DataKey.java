package io.ringkeep.repository.crypto;

import io.ringkeep.model.HashKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The 32 random bytes that everything in a repository is encrypted under, never directly: each use
/// derives its own key by HKDF-SHA-256 (RFC 5869).
///
/// A key of its own for each object is what lets objects count their segments from zero: no pair of
/// key and nonce ever comes twice.
public final class DataKey {
  /// Length of the key in bytes.
  public static final int BYTES = 32;

  private static final byte[] OBJECT = "ringkeep object 1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HASH = "ringkeep hash 1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] bytes;

  private DataKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /// A new key.
  public static DataKey random(RandomGenerator random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new DataKey(bytes);
  }

  /// The key in these 32 bytes.
  public static DataKey of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a data key has 32 bytes: length=" + bytes.length);
    }
    return new DataKey(bytes.clone());
  }

  /// The AES-256 key of the object with this salt.
  public SecretKey objectKey(byte[] salt) {
    return new SecretKeySpec(derive(bytes, salt, OBJECT, 32), "AES");
  }

  /// The key of the repository's positions and fingerprints.
  public HashKey hashKey() {
    return HashKey.of(derive(bytes, new byte[0], HASH, 16));
  }

  /// The key of positions and fingerprints of a repository that is not encrypted: from its id,
  /// which is random but no secret to whoever reads the repository.
  ///
  /// @param repositoryId as in the `REPOSITORY` file
  public static HashKey hashKey(String repositoryId) {
    return HashKey.of(
        derive(repositoryId.getBytes(StandardCharsets.US_ASCII), new byte[0], HASH, 16));
  }

  byte[] bytes() {
    return bytes;
  }

  /// Overwrites the key in memory. It is of no use afterwards.
  public void destroy() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "DataKey[secret]";
  }

  private static byte[] derive(byte[] key, byte[] salt, byte[] info, int length) {
    AlgorithmParameterSpec parameters =
        HKDFParameterSpec.ofExtract().addIKM(key).addSalt(salt).thenExpand(info, length);
    try {
      return KDF.getInstance("HKDF-SHA256").deriveData(parameters);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
    }
  }
}
