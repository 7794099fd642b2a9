package io.ringkeep.repository.object;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.crypto.DataKey;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ObjectFormatTest {
  private static final int SEGMENT = ObjectFormat.SEGMENT_BYTES;
  private static final String REPOSITORY_ID = "00112233445566778899aabbccddeeff";
  private static final String NAME = "caches/c/run/r-0001.data";

  private final MemoryStore store = new MemoryStore();

  @ParameterizedTest
  @EnumSource
  void read_everyLengthAroundSegments_isWhatWasWritten(Encryption encryption) throws IOException {
    SealedObjects objects = objects(encryption);
    Random random = Seeds.random("read_everyLengthAroundSegments");
    List<Integer> lengths = new ArrayList<>(List.of(0, 1, 2, 15, 16, 17, 31, 32, 33, 44, 100));
    for (int segments = 1; segments <= 9; segments++) {
      for (int around : new int[] {-17, -16, -4, -1, 0, 1, 4, 16, 17}) {
        lengths.add(segments * SEGMENT + around);
      }
    }
    for (int length : lengths) {
      String name = "lengths/" + length;
      byte[] content = content(random, length);
      StoredObject stored;
      try (ObjectWriter writer = objects.create(name, ObjectKind.RUN_DATA)) {
        writeInParts(writer, content, random);
        assertThat(writer.position()).isEqualTo(length);
        stored = writer.commit();
      }

      assertThat(objects.read(name, ObjectKind.RUN_DATA)).isEqualTo(ByteBuffer.wrap(content));
      ObjectReader reader = objects.open(name, ObjectKind.RUN_DATA);
      assertThat(reader.length()).isEqualTo(length);
      assertThat(reader.readAll(_ -> {})).isEqualTo(stored);
      assertThat(store.size(name)).hasValue(stored.storedBytes());
      SealedObjects.scrub(store, name);
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_anyRange_isThatOfTheWhole(Encryption encryption) throws IOException {
    SealedObjects objects = objects(encryption);
    Random random = Seeds.random("read_anyRange");
    byte[] content = content(random, 40 * SEGMENT + 12_345);
    objects.write(NAME, ObjectKind.RUN_DATA, ByteBuffer.wrap(content));
    ObjectReader reader = objects.open(NAME, ObjectKind.RUN_DATA);
    int next = 0;
    for (int i = 0; i < 400; i++) {
      // Half of them follow the one before, as a scan does.
      int offset = random.nextBoolean() ? next : random.nextInt(content.length + 1);
      int most = random.nextInt(4) == 0 ? content.length - offset : 30_000;
      int length = random.nextInt(Math.min(most, content.length - offset) + 1);
      ByteBuffer into = ByteBuffer.allocateDirect(length + 3).position(2).limit(length + 2);

      reader.read(offset, into);

      assertThat(into.slice(2, length)).isEqualTo(ByteBuffer.wrap(content, offset, length));
      next = offset + length;
    }
    for (int border = 0; border <= 40; border++) {
      for (int offset = Math.max(0, border * SEGMENT - 1); offset <= border * SEGMENT; offset++) {
        ByteBuffer into = ByteBuffer.allocate(2);
        reader.read(offset, into);
        assertThat(into.flip()).isEqualTo(ByteBuffer.wrap(content, offset, 2));
      }
    }
  }

  @Test
  void read_beyondTheEnd_isCorrupt() throws IOException {
    SealedObjects objects = objects(Encryption.AES_256_GCM);
    objects.write(NAME, ObjectKind.RUN_DATA, text("hello"));
    ObjectReader reader = objects.open(NAME, ObjectKind.RUN_DATA);
    ByteBuffer all = ByteBuffer.allocate(5);
    reader.read(0, all);

    assertThat(all.flip()).isEqualTo(text("hello"));
    reader.read(5, ByteBuffer.allocate(0));
    assertThatThrownBy(() -> reader.read(1, ByteBuffer.allocate(5)))
        .isInstanceOf(CorruptData.class)
        .hasMessage(
            "range lies beyond the object's end: object=%s offset=1 bytes=5 length=5", NAME);
    assertThatThrownBy(() -> reader.read(-1, ByteBuffer.allocate(1)))
        .isInstanceOf(CorruptData.class);
  }

  @ParameterizedTest
  @EnumSource
  void read_anyBitFlipped_isCorrupt(Encryption encryption) throws IOException {
    SealedObjects objects = objects(encryption);
    for (int length : new int[] {0, 1, 100}) {
      byte[] original = stored(objects, length);
      for (int bit = 0; bit < original.length * 8; bit++) {
        byte[] damaged = original.clone();
        damaged[bit / 8] ^= (byte) (1 << (bit % 8));
        put(damaged);

        assertCorrupt(() -> objects.read(NAME, ObjectKind.RUN_DATA));
        assertCorrupt(() -> SealedObjects.scrub(store, NAME));
        // Ranges prove what they return; the digest behind it all is not asked.
        boolean inContent = bit / 8 < original.length - ObjectFormat.DIGEST_BYTES;
        if (length > 0 && inContent) {
          assertCorrupt(
              () -> objects.open(NAME, ObjectKind.RUN_DATA).read(0, ByteBuffer.allocate(1)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_anyTruncation_isCorrupt(Encryption encryption) throws IOException {
    SealedObjects objects = objects(encryption);
    for (int length : new int[] {0, 1, 100}) {
      byte[] original = stored(objects, length);
      for (int kept = 0; kept < original.length; kept++) {
        put(Arrays.copyOf(original, kept));

        assertCorrupt(() -> objects.read(NAME, ObjectKind.RUN_DATA));
        assertCorrupt(() -> SealedObjects.scrub(store, NAME));
      }
    }
    int seal = SegmentCodec.sealBytes(encryption);
    byte[] original = stored(objects, 3 * SEGMENT);
    for (int segments = 0; segments < 3; segments++) {
      int border = ObjectFormat.HEADER_BYTES + segments * (SEGMENT + seal);
      for (int around = -40; around <= 40; around++) {
        int kept = Math.max(0, border + around);
        put(Arrays.copyOf(original, kept));
        assertCorrupt(() -> objects.read(NAME, ObjectKind.RUN_DATA));
      }
      // Cut at a border, with a digest made anew, as someone would who has no key.
      put(withDigest(Arrays.copyOf(original, border)));
      assertCorrupt(() -> objects.read(NAME, ObjectKind.RUN_DATA));
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_bytesAppended_isCorrupt(Encryption encryption) throws IOException {
    SealedObjects objects = objects(encryption);
    for (int length : new int[] {0, 100, SEGMENT}) {
      byte[] original = stored(objects, length);
      for (int extra : new int[] {1, 4, 16, 32, 100}) {
        put(Arrays.copyOf(original, original.length + extra));
        assertCorrupt(() -> objects.read(NAME, ObjectKind.RUN_DATA));
        assertCorrupt(() -> SealedObjects.scrub(store, NAME));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_segmentsExchanged_isCorrupt(Encryption encryption) throws IOException {
    SealedObjects objects = objects(encryption);
    int sealed = SEGMENT + SegmentCodec.sealBytes(encryption);
    byte[] exchanged = stored(objects, 3 * SEGMENT);
    byte[] first = new byte[sealed];
    System.arraycopy(exchanged, ObjectFormat.HEADER_BYTES, first, 0, sealed);
    System.arraycopy(
        exchanged,
        ObjectFormat.HEADER_BYTES + sealed,
        exchanged,
        ObjectFormat.HEADER_BYTES,
        sealed);
    System.arraycopy(first, 0, exchanged, ObjectFormat.HEADER_BYTES + sealed, sealed);
    put(withDigest(Arrays.copyOf(exchanged, exchanged.length - ObjectFormat.DIGEST_BYTES)));

    assertThatThrownBy(() -> objects.read(NAME, ObjectKind.RUN_DATA))
        .isInstanceOf(CorruptData.class)
        .hasMessageStartingWith(
            "object segment mismatch: object=" + NAME + " segment=0 offset=44 ");
  }

  @ParameterizedTest
  @EnumSource
  void read_twoObjectsExchanged_isCorrupt(Encryption encryption) throws IOException {
    SealedObjects objects = objects(encryption);
    objects.write("a", ObjectKind.MANIFEST, text("content of a"));
    objects.write("b", ObjectKind.MANIFEST, text("content of b"));
    ByteBuffer a = store.read("a");
    store.put("a", store.read("b"));
    store.put("b", a);

    SealedObjects.scrub(store, "a");
    assertCorrupt(() -> objects.read("a", ObjectKind.MANIFEST));
    assertCorrupt(() -> objects.read("b", ObjectKind.MANIFEST));
  }

  @ParameterizedTest
  @EnumSource
  void read_objectOfAnotherRepository_isCorrupt(Encryption encryption) throws IOException {
    SealedObjects other =
        new SealedObjects(store, "f".repeat(32), encryption, key(encryption), new Random(1));
    other.write(NAME, ObjectKind.MANIFEST, text("content"));

    assertCorrupt(() -> objects(encryption).read(NAME, ObjectKind.MANIFEST));
    assertThat(other.read(NAME, ObjectKind.MANIFEST)).isEqualTo(text("content"));
  }

  @Test
  void read_anotherKey_isCorrupt() throws IOException {
    objects(Encryption.AES_256_GCM).write(NAME, ObjectKind.MANIFEST, text("content"));
    SealedObjects other =
        new SealedObjects(
            store,
            REPOSITORY_ID,
            Encryption.AES_256_GCM,
            Optional.of(DataKey.random(new Random(7))),
            new Random(1));

    assertCorrupt(() -> other.read(NAME, ObjectKind.MANIFEST));
  }

  @Test
  void read_openObjectInASecretRepository_isRefused() throws IOException {
    objects(Encryption.NONE).write(NAME, ObjectKind.MANIFEST, text("forged"));

    assertThatThrownBy(() -> objects(Encryption.AES_256_GCM).read(NAME, ObjectKind.MANIFEST))
        .isInstanceOf(CorruptData.class)
        .hasMessage(
            "object cipher mismatch: object=%s offset=7 expected=AES-256-GCM actual=cipher 0",
            NAME);
  }

  @Test
  void read_anotherKind_isCorrupt() throws IOException {
    SealedObjects objects = objects(Encryption.AES_256_GCM);
    objects.write(NAME, ObjectKind.LEDGER, text("x"));

    assertThatThrownBy(() -> objects.read(NAME, ObjectKind.MANIFEST))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining(
            "object kind mismatch: object=" + NAME + " offset=6 expected=MANIFEST");
  }

  @Test
  void read_newerFormat_isNamed() throws IOException {
    SealedObjects objects = objects(Encryption.AES_256_GCM);
    ByteBuffer newer = ByteBuffer.wrap(stored(objects, 10));
    newer.putShort(4, (short) 2);
    CRC32C crc = new CRC32C();
    crc.update(newer.slice(0, 40));
    newer.putInt(40, (int) crc.getValue());
    put(newer.array());

    assertThatThrownBy(() -> objects.read(NAME, ObjectKind.RUN_DATA))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessage("object format is not supported: object=%s format=2 newest=1", NAME);
  }

  @Test
  void read_missing_isCorrupt() {
    assertThatThrownBy(() -> objects(Encryption.AES_256_GCM).read("not/there", ObjectKind.RUN_DATA))
        .isInstanceOf(CorruptData.class)
        .hasMessage("object is missing: object=not/there");
  }

  @Test
  void scrub_damagedContent_namesBothDigests() throws IOException {
    byte[] damaged = stored(objects(Encryption.AES_256_GCM), 100);
    String expected = HexFormat.of().formatHex(damaged, damaged.length - 32, damaged.length);
    damaged[50] ^= 1;
    put(damaged);

    assertThatThrownBy(() -> SealedObjects.scrub(store, NAME))
        .isInstanceOf(CorruptData.class)
        .hasMessageMatching(
            "object hash mismatch: object=%s offset=160 expected=%s actual=[0-9a-f]{64}"
                .formatted(NAME, expected));
  }

  @Test
  void write_existingName_isRefused() throws IOException {
    SealedObjects objects = objects(Encryption.AES_256_GCM);
    objects.write(NAME, ObjectKind.LEDGER, text("first"));

    assertThatThrownBy(() -> objects.write(NAME, ObjectKind.LEDGER, text("second")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(objects.createIfAbsent(NAME, ObjectKind.LEDGER, text("third"))).isEmpty();
    assertThat(objects.read(NAME, ObjectKind.LEDGER)).isEqualTo(text("first"));
  }

  @Test
  void write_sameContentTwice_looksDifferent() throws IOException {
    SealedObjects objects = objects(Encryption.AES_256_GCM);
    objects.write("a", ObjectKind.LEDGER, text("a secret that must not be seen"));
    objects.write("b", ObjectKind.LEDGER, text("a secret that must not be seen"));

    byte[] a = array(store.read("a"));
    assertThat(a).isNotEqualTo(array(store.read("b")));
    assertThat(new String(a, ISO_8859_1)).doesNotContain("secret");
  }

  private byte[] stored(SealedObjects objects, int length) throws IOException {
    store.delete(NAME);
    objects.write(NAME, ObjectKind.RUN_DATA, ByteBuffer.wrap(content(new Random(length), length)));
    return array(store.read(NAME));
  }

  private void put(byte[] stored) throws IOException {
    store.put(NAME, ByteBuffer.wrap(stored));
  }

  private static byte[] withDigest(byte[] withoutDigest) {
    byte[] digest = ObjectFormat.sha256().digest(withoutDigest);
    return ByteBuffer.allocate(withoutDigest.length + digest.length)
        .put(withoutDigest)
        .put(digest)
        .array();
  }

  private static void assertCorrupt(ThrowingCallable read) {
    assertThatThrownBy(read).isInstanceOf(CorruptData.class).hasMessageContaining("object=");
  }

  private SealedObjects objects(Encryption encryption) {
    return new SealedObjects(store, REPOSITORY_ID, encryption, key(encryption), new Random(4));
  }

  private static Optional<DataKey> key(Encryption encryption) {
    return switch (encryption) {
      case NONE -> Optional.empty();
      case AES_256_GCM -> Optional.of(DataKey.random(new Random(5)));
    };
  }

  private static void writeInParts(ObjectWriter writer, byte[] content, Random random)
      throws IOException {
    int next = 0;
    while (next < content.length) {
      int count = 1 + random.nextInt(Math.min(content.length - next, 3 * SEGMENT));
      assertThat(writer.write(ByteBuffer.wrap(content, next, count))).isEqualTo(count);
      next += count;
    }
  }

  private static byte[] content(Random random, int length) {
    byte[] content = new byte[length];
    random.nextBytes(content);
    return content;
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
