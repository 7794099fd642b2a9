package io.ringkeep.repository.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.repository.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;

/// The JDK's own PBKDF2 is the reference, and one published vector.
final class Pbkdf2Test {
  private static final String LETTERS = "aZ09 ~äß漢😀";

  @Test
  void derive_anyPasswordAndSalt_isWhatTheJdkDerives() throws Exception {
    Random random = Seeds.random("Pbkdf2Test");
    for (int length : new int[] {1, 2, 31, 32, 64, 127, 128, 129, 300}) {
      String password = password(length, random);
      byte[] salt = new byte[1 + random.nextInt(64)];
      random.nextBytes(salt);
      int iterations = 1 + random.nextInt(50);
      int bytes = 1 + random.nextInt(Pbkdf2.MOST_BYTES);
      PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, bytes * Byte.SIZE);
      byte[] expected =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();

      assertThat(Pbkdf2.derive(password.toCharArray(), salt, iterations, bytes))
          .as("%d characters, %d iterations", length, iterations)
          .isEqualTo(expected);
    }
  }

  /// From the test vectors that go around with RFC 6070's inputs for SHA-512.
  @Test
  void derive_aPublishedVector_isRight() {
    byte[] key =
        Pbkdf2.derive(
            "password".toCharArray(), "salt".getBytes(StandardCharsets.US_ASCII), 4096, 64);

    assertThat(HexFormat.of().formatHex(key))
        .isEqualTo(
            "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5"
                + "143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5");
  }

  @Test
  void derive_moreThanABlock_isRefused() {
    assertThatThrownBy(() -> Pbkdf2.derive(new char[] {'a'}, new byte[8], 1, 65))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String password(int length, Random random) {
    StringBuilder text = new StringBuilder();
    int[] points = LETTERS.codePoints().toArray();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }
}
