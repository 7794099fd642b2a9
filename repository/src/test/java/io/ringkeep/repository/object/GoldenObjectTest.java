package io.ringkeep.repository.object;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.repository.crypto.DataKey;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Objects as format 1 has them for ever: what is in `golden/object` stays readable, and what is
/// written today is the same byte for byte.
class GoldenObjectTest {
  private static final String REPOSITORY_ID = "00112233445566778899aabbccddeeff";
  private static final String NAME =
      "caches/default/manifest/20261123T060000.000Z-0123456789ab.json";
  private static final String CONTENT = "{\"what\":\"the content of a golden object\"}";
  private static final byte[] KEY = HexFormat.of().parseHex("0f1e2d3c4b5a6978".repeat(4));
  private static final byte[] SALT = HexFormat.of().parseHex("8899aabbccddeeff".repeat(4));

  private final MemoryStore store = new MemoryStore();

  @ParameterizedTest
  @EnumSource
  void golden_object_isReadAndWrittenTheSame(Encryption encryption) throws IOException {
    ByteBuffer golden = golden(encryption);
    store.put(NAME, golden);

    assertThat(objects(encryption).read(NAME, ObjectKind.MANIFEST)).isEqualTo(content());
    store.delete(NAME);
    objects(encryption).write(NAME, ObjectKind.MANIFEST, content());
    assertThat(HexFormat.of().formatHex(array(store.read(NAME))))
        .isEqualTo(HexFormat.of().formatHex(array(golden)));
  }

  /// Reads it as the specification says, with none of the product's code.
  @Test
  void golden_object_isReadableByItsSpecification() throws Exception {
    byte[] object = array(golden(Encryption.AES_256_GCM));
    byte[] extracted = hmac(Arrays.copyOfRange(object, 8, 40), KEY);
    byte[] key = hmac(extracted, "ringkeep object 1\u0001".getBytes(US_ASCII));
    byte[] nonce = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    cipher.updateAAD(object, 0, 44);
    cipher.updateAAD((REPOSITORY_ID + "/" + NAME).getBytes(US_ASCII));

    assertThat(cipher.doFinal(object, 44, object.length - 44 - 32))
        .asString(US_ASCII)
        .isEqualTo(CONTENT);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(object, 0, object.length - 32);
    assertThat(digest.digest())
        .endsWith(Arrays.copyOfRange(object, object.length - 32, object.length));
  }

  private static byte[] hmac(byte[] key, byte[] text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text);
  }

  private SealedObjects objects(Encryption encryption) {
    Optional<DataKey> key =
        encryption == Encryption.NONE ? Optional.empty() : Optional.of(DataKey.of(KEY));
    return new SealedObjects(store, REPOSITORY_ID, encryption, key, new FixedSalt());
  }

  private static ByteBuffer golden(Encryption encryption) throws IOException {
    String file = "/golden/object/1-" + encryption.wireName() + ".rkob";
    try (InputStream in = GoldenObjectTest.class.getResourceAsStream(file)) {
      assertThat(in).as(file).isNotNull();
      return ByteBuffer.wrap(in.readAllBytes());
    }
  }

  private static ByteBuffer content() {
    return ByteBuffer.wrap(CONTENT.getBytes(US_ASCII));
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static final class FixedSalt implements RandomGenerator {
    @Override
    public long nextLong() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(SALT, 0, bytes, 0, bytes.length);
    }
  }
}
