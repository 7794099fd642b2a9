package io.ringkeep.repository.crypto;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// PBKDF2-HMAC-SHA-512 (RFC 8018) for keys of one block.
/* Every command waits for this. The JDK's own PBKDF2 begins each HMAC with the padded key, twice: 4
 * compressions of SHA-512 an iteration. Here the digest stands behind those once and is copied from there, as
 * OpenSSL does it: 2 an iteration, so that whoever guesses passphrases has no advantage over us.
 */
final class Pbkdf2 {
  /// The longest key: what HMAC-SHA-512 gives.
  static final int MOST_BYTES = 64;

  private static final int BLOCK_BYTES = 128;
  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;

  private final MessageDigest inner;
  private final MessageDigest outer;

  private Pbkdf2(byte[] password) {
    byte[] key = password.length > BLOCK_BYTES ? digest().digest(password) : password;
    inner = behind(key, INNER);
    outer = behind(key, OUTER);
  }

  /// The first bytes of what a password gives.
  ///
  /// @param password taken in UTF-8
  /// @param bytes 1 to [#MOST_BYTES]
  static byte[] derive(char[] password, byte[] salt, int iterations, int bytes) {
    if (bytes < 1 || bytes > MOST_BYTES || iterations < 1) {
      throw new IllegalArgumentException("bytes=" + bytes + " iterations=" + iterations);
    }
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
    byte[] text = new byte[encoded.remaining()];
    encoded.get(text);
    try {
      return Arrays.copyOf(new Pbkdf2(text).block(salt, iterations), bytes);
    } catch (CloneNotSupportedException | DigestException e) {
      throw new IllegalStateException("this JDK's SHA-512 can't be copied", e);
    } finally {
      Arrays.fill(text, (byte) 0);
      encoded.clear().put(new byte[encoded.capacity()]);
    }
  }

  private byte[] block(byte[] salt, int iterations)
      throws CloneNotSupportedException, DigestException {
    byte[] input = Arrays.copyOf(salt, salt.length + Integer.BYTES);
    input[input.length - 1] = 1;
    byte[] last = new byte[MOST_BYTES];
    mac(input, last);
    byte[] sum = last.clone();
    for (int i = 1; i < iterations; i++) {
      mac(last, last);
      for (int j = 0; j < sum.length; j++) {
        sum[j] ^= last[j];
      }
    }
    return sum;
  }

  private void mac(byte[] input, byte[] output) throws CloneNotSupportedException, DigestException {
    MessageDigest digest = (MessageDigest) inner.clone();
    digest.update(input);
    digest.digest(output, 0, output.length);
    digest = (MessageDigest) outer.clone();
    digest.update(output);
    digest.digest(output, 0, output.length);
  }

  /// A digest that has seen the padded key.
  private static MessageDigest behind(byte[] key, byte pad) {
    byte[] padded = Arrays.copyOf(key, BLOCK_BYTES);
    for (int i = 0; i < padded.length; i++) {
      padded[i] ^= pad;
    }
    MessageDigest digest = digest();
    digest.update(padded);
    Arrays.fill(padded, (byte) 0);
    return digest;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-512", e);
    }
  }
}
