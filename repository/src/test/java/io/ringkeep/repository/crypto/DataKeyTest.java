package io.ringkeep.repository.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.HashKey;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DataKeyTest {
  /// Golden: fingerprints and positions of every stored snapshot depend on it.
  @Test
  void hashKey_knownKey_isWhatItWas() {
    DataKey key = DataKey.of(HexFormat.of().parseHex("0f1e2d3c4b5a6978".repeat(4)));

    assertThat(key.hashKey())
        .isEqualTo(HashKey.of(HexFormat.of().parseHex("c8ac31277d2d74ed6b32491acb187c3a")));
    assertThat(DataKey.hashKey("00112233445566778899aabbccddeeff"))
        .isEqualTo(HashKey.of(HexFormat.of().parseHex("819f011370eae23142e3c474be785292")));
  }

  @Test
  void objectKey_anotherSaltOrKey_isAnother() {
    DataKey key = DataKey.random(new Random(1));
    byte[] salt = new byte[32];
    byte[] otherSalt = new byte[32];
    otherSalt[31] = 1;

    assertThat(key.objectKey(salt).getEncoded())
        .hasSize(32)
        .isEqualTo(key.objectKey(salt).getEncoded())
        .isNotEqualTo(key.objectKey(otherSalt).getEncoded())
        .isNotEqualTo(DataKey.random(new Random(2)).objectKey(salt).getEncoded());
  }

  @Test
  void toString_anySecret_hidesIt() {
    assertThat(DataKey.random(new Random(1))).hasToString("DataKey[secret]");
    assertThat(Passphrase.of("hunter2")).hasToString("***");
  }
}
