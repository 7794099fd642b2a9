package io.ringkeep.repository.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.lock.Leases;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyringTest {
  private static final String REPOSITORY = "00112233445566778899aabbccddeeff";
  private static final Passphrase FIRST = Passphrase.of("correct horse");
  private static final Passphrase SECOND = Passphrase.of("battery staple");
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T06:00:00Z"), ZoneOffset.UTC);

  private final MemoryStore store = new MemoryStore();
  private final Random random = new Random(3);
  private final DataKey key = DataKey.random(random);

  /// Few iterations, so that the tests take no time.
  private Keyring keyring() {
    Leases leases = new Leases(store, CLOCK, random);
    return new Keyring(store, REPOSITORY, key, /* iterations= */ 10, leases, CLOCK, random);
  }

  @Test
  void unlock_eachPassphrase_givesTheSameKey() throws IOException {
    KeyInfo first = keyring().add(FIRST, "first");
    KeyInfo second = keyring().add(SECOND, "on call");

    assertUnlocks(FIRST);
    assertUnlocks(SECOND);
    assertThat(keyring().list()).containsExactlyInAnyOrder(first, second);
    assertThat(first.created()).isEqualTo(CLOCK.instant());
    assertThat(second.label()).isEqualTo("on call");
  }

  @Test
  void unlock_wrongPassphrase_isDenied() throws IOException {
    keyring().add(FIRST, "first");

    assertDenied(SECOND);
    assertDenied(Passphrase.of("correct hors"));
    assertDenied(Passphrase.of("Correct horse"));
  }

  @Test
  void unlock_noKeyFile_isDenied() {
    assertDenied(FIRST);
  }

  @Test
  void unlock_otherSpellingOfTheSameLetters_isTheSame() throws IOException {
    keyring().add(Passphrase.of("caf\u00e9 \ud83d\udd11"), "composed");

    assertUnlocks(Passphrase.of("cafe\u0301 \ud83d\udd11"));
  }

  @Test
  void unlock_longPassphrase_isUsedWhole() throws IOException {
    String longText = "word ".repeat(400);
    keyring().add(Passphrase.of(longText + "a"), "long");

    assertUnlocks(Passphrase.of(longText + "a"));
    assertDenied(Passphrase.of(longText + "b"));
  }

  @Test
  void unlock_keyOfAnotherRepository_isNone() throws IOException {
    keyring().add(FIRST, "first");

    assertThatThrownBy(() -> Keyring.unlock(store, "f".repeat(32), FIRST))
        .isInstanceOf(AccessDenied.class);
    // And with the repository's name changed in the file: what it wraps is bound to it.
    ObjectInfo file = store.list("keys/").getFirst();
    KeyFile original = KeyFile.read(file.key(), store.read(file.key()));
    store.put(file.key(), withRepository(original, "f".repeat(32)).bytes());
    assertThatThrownBy(() -> Keyring.unlock(store, "f".repeat(32), FIRST))
        .isInstanceOf(AccessDenied.class);
  }

  @Test
  void change_passphrase_takesItsPlace() throws IOException {
    KeyInfo first = keyring().add(FIRST, "first");
    KeyInfo changed = keyring().change(FIRST, SECOND);

    assertDenied(FIRST);
    assertUnlocks(SECOND);
    assertThat(changed.label()).isEqualTo("first");
    assertThat(keyring().list()).containsExactly(changed).doesNotContain(first);
  }

  @Test
  void change_wrongPassphrase_changesNothing() throws IOException {
    KeyInfo first = keyring().add(FIRST, "first");

    assertThatThrownBy(() -> keyring().change(SECOND, Passphrase.of("new")))
        .isInstanceOf(AccessDenied.class);
    assertThat(keyring().list()).containsExactly(first);
    assertUnlocks(FIRST);
  }

  @Test
  void remove_oneOfTwo_leavesTheOther() throws IOException {
    KeyInfo first = keyring().add(FIRST, "first");
    keyring().add(SECOND, "second");

    keyring().remove(first.id());

    assertDenied(FIRST);
    assertUnlocks(SECOND);
  }

  @Test
  void remove_theLast_isRefused() throws IOException {
    KeyInfo first = keyring().add(FIRST, "first");

    assertThatThrownBy(() -> keyring().remove(first.id()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("the last passphrase cannot be removed: id=" + first.id());
    assertUnlocks(FIRST);
  }

  @Test
  void remove_unknownId_isNotFound() throws IOException {
    keyring().add(FIRST, "first");

    assertThatThrownBy(() -> keyring().remove("0000")).isInstanceOf(NotFound.class);
  }

  @Test
  void unlock_anyByteOfTheOnlyKeyDamaged_isCorrupt() throws IOException {
    keyring().add(FIRST, "first");
    String name = store.list("keys/").getFirst().key();
    ByteBuffer original = store.read(name);
    for (int i = 0; i < original.limit(); i++) {
      byte[] damaged = new byte[original.limit()];
      original.get(0, damaged);
      damaged[i] ^= 1;
      store.put(name, ByteBuffer.wrap(damaged));

      assertThatThrownBy(() -> Keyring.unlock(store, REPOSITORY, FIRST))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("file=" + name);
    }
  }

  @Test
  void unlock_anotherKeyDamaged_stillOpens() throws IOException {
    for (String label : List.of("a", "b", "c")) {
      keyring().add(FIRST, label);
    }
    for (ObjectInfo file : store.list("keys/").subList(0, 2)) {
      store.put(file.key(), ByteBuffer.wrap("rubbish".getBytes(UTF_8)));
    }
    assertUnlocks(FIRST);
    assertThatThrownBy(() -> Keyring.unlock(store, REPOSITORY, SECOND))
        .isInstanceOf(CorruptData.class);
  }

  @Test
  void unlock_unknownWayOfWrapping_isNamed() throws IOException {
    keyring().add(FIRST, "first");
    ObjectInfo file = store.list("keys/").getFirst();
    KeyFile original = KeyFile.read(file.key(), store.read(file.key()));
    store.put(file.key(), withKdf(original, "ARGON2ID").bytes());

    assertThatThrownBy(() -> Keyring.unlock(store, REPOSITORY, FIRST))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("kdf=ARGON2ID");
  }

  @Test
  void unlock_iterationsThatWouldNeverEnd_areCorrupt() throws IOException {
    keyring().add(FIRST, "first");
    ObjectInfo file = store.list("keys/").getFirst();
    KeyFile original = KeyFile.read(file.key(), store.read(file.key()));
    store.put(file.key(), withIterations(original, Integer.MAX_VALUE).bytes());

    assertThatThrownBy(() -> Keyring.unlock(store, REPOSITORY, FIRST))
        .isInstanceOf(CorruptData.class);
  }

  /// Made by another program from `docs/format/keys.md`.
  @Test
  void unlock_goldenKeyFile_givesItsKey() throws IOException {
    try (InputStream in = KeyringTest.class.getResourceAsStream("/golden/keys/1.json")) {
      assertThat(in).isNotNull();
      store.put("keys/0123456789abcdef.json", ByteBuffer.wrap(in.readAllBytes()));
    }
    DataKey golden = Keyring.unlock(store, REPOSITORY, Passphrase.of("caf\u00e9 au lait"));

    assertThat(golden.bytes()).asHexString().isEqualToIgnoringCase("0F1E2D3C4B5A6978".repeat(4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"correct horse", "first"})
  void add_passphrase_isNowhereInItsFile(String hidden) throws IOException {
    keyring().add(FIRST, "label");

    for (ObjectInfo file : store.list("")) {
      assertThat(UTF_8.decode(store.read(file.key())).toString()).doesNotContain(hidden);
    }
  }

  @Test
  void passphrase_empty_isRefused() {
    assertThatThrownBy(() -> Passphrase.of("")).isInstanceOf(InvalidRequest.class);
  }

  private void assertUnlocks(Passphrase passphrase) throws IOException {
    assertThat(Keyring.unlock(store, REPOSITORY, passphrase).bytes()).isEqualTo(key.bytes());
  }

  private void assertDenied(Passphrase passphrase) {
    assertThatThrownBy(() -> Keyring.unlock(store, REPOSITORY, passphrase))
        .isInstanceOf(AccessDenied.class)
        .hasMessage("wrong passphrase: location=memory");
  }

  private static KeyFile withRepository(KeyFile file, String repository) {
    return changed(file, file.repository(), repository);
  }

  private static KeyFile withKdf(KeyFile file, String kdf) {
    return changed(file, file.kdf(), kdf);
  }

  private static KeyFile withIterations(KeyFile file, int iterations) {
    return changed(file, ":" + file.iterations() + ",", ":" + iterations + ",");
  }

  private static KeyFile changed(KeyFile file, String found, String replacement) {
    String json = UTF_8.decode(Json.write(file)).toString().replace(found, replacement);
    return Json.read("changed", ByteBuffer.wrap(json.getBytes(UTF_8)), 1, KeyFile.class);
  }
}
