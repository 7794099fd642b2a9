package io.ringkeep.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T06:00:00Z"), ZoneOffset.UTC);
  private static final Optional<Passphrase> PASSPHRASE = Optional.of(Passphrase.of("correct"));
  private static final InitOptions FAST = new InitOptions(Encryption.AES_256_GCM, 10);

  private final MemoryStore store = new MemoryStore();

  @Test
  void open_afterInit_readsWhatWasWritten(@TempDir Path folder) throws IOException {
    String id;
    ByteBuffer content = ByteBuffer.wrap(new byte[] {1, 2, 3});
    try (Repository repository = Repository.init(new FileStore(folder), FAST, PASSPHRASE, CLOCK)) {
      id = repository.id();
      repository.objects().write("caches/a/x", ObjectKind.LEDGER, content);
      repository.objects().write("caches/b/x", ObjectKind.LEDGER, content);
    }
    try (Repository repository = Repository.open(FileStore.readOnly(folder), PASSPHRASE, CLOCK)) {
      assertThat(repository.id()).isEqualTo(id).hasSize(32);
      assertThat(repository.encrypted()).isTrue();
      assertThat(repository.objects().read("caches/a/x", ObjectKind.LEDGER)).isEqualTo(content);
      assertThat(repository.caches()).containsExactly("a", "b");
      assertThat(repository.keyring().list()).hasSize(1);
    }
  }

  @Test
  void hashKey_reopened_isTheSameAndAnotherElsewhere() throws IOException {
    for (boolean encrypted : new boolean[] {true, false}) {
      InitOptions options = encrypted ? FAST : InitOptions.unencrypted();
      Optional<Passphrase> passphrase = encrypted ? PASSPHRASE : Optional.empty();
      MemoryStore one = new MemoryStore();
      Repository made = Repository.init(one, options, passphrase, CLOCK);

      assertThat(made.hashKey())
          .isEqualTo(Repository.open(one, passphrase, CLOCK).hashKey())
          .isNotEqualTo(Repository.init(new MemoryStore(), options, passphrase, CLOCK).hashKey());
    }
  }

  @Test
  void init_defaults_areEncryptedAndSlowToGuess() throws IOException {
    Repository.init(store, InitOptions.encrypted(), PASSPHRASE, CLOCK);

    assertThat(text("REPOSITORY"))
        .matches(
            "\\{\"magic\":\"ringkeep\",\"format\":1,\"id\":\"[0-9a-f]{32}\","
                + "\"created\":\"2026-11-23T06:00:00Z\",\"encryption\":\"AES-256-GCM\","
                + "\"features\":\\[],\"crc32c\":\"[0-9a-f]{8}\"}\n");
    assertThat(text(store.list("keys/").getFirst().key()))
        .contains("\"kdf\":\"PBKDF2-HMAC-SHA-512\",\"iterations\":210000,");
    assertThat(text("README.txt")).contains("Ringkeep repository", "nobody can read it");
    assertThat(store.list("")).hasSize(3);
  }

  @Test
  void init_whereOneIs_isRefused() throws IOException {
    Repository first = Repository.init(store, FAST, PASSPHRASE, CLOCK);

    assertThatThrownBy(() -> Repository.init(store, FAST, PASSPHRASE, CLOCK))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("a repository is already here: location=memory");
    assertThat(Repository.open(store, PASSPHRASE, CLOCK).id()).isEqualTo(first.id());
  }

  @Test
  void init_snapshotsWithoutRepositoryFile_isRefused() throws IOException {
    Repository repository = Repository.init(store, FAST, PASSPHRASE, CLOCK);
    repository.objects().write("caches/a/x", ObjectKind.LEDGER, ByteBuffer.allocate(1));
    store.delete("REPOSITORY");

    assertThatThrownBy(() -> Repository.init(store, FAST, PASSPHRASE, CLOCK))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("no REPOSITORY file");
  }

  @Test
  void init_afterAnInterruptedOne_succeeds() throws IOException {
    Repository.init(store, FAST, PASSPHRASE, CLOCK);
    store.delete("REPOSITORY");
    store.delete("README.txt");
    Repository repository = Repository.init(store, FAST, PASSPHRASE, CLOCK);

    assertThat(store.list("keys/")).hasSize(2);
    assertThat(repository.keyring().list()).hasSize(1);
    assertThat(Repository.open(store, PASSPHRASE, CLOCK).id()).isEqualTo(repository.id());
  }

  @Test
  void init_eightAtOnce_makesOne() throws Exception {
    List<Future<Repository>> attempts = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        attempts.add(executor.submit(() -> Repository.init(store, FAST, PASSPHRASE, CLOCK)));
      }
    }
    List<Future<Repository>> made =
        attempts.stream().filter(future -> future.state() == Future.State.SUCCESS).toList();

    assertThat(made).hasSize(1);
    assertThat(Repository.open(store, PASSPHRASE, CLOCK).id())
        .isEqualTo(made.getFirst().get().id());
  }

  @Test
  void open_nothingThere_isNotFound(@TempDir Path folder) {
    assertThatThrownBy(
            () -> Repository.open(new FileStore(folder.resolve("none")), PASSPHRASE, CLOCK))
        .isInstanceOf(NotFound.class)
        .hasMessage("no repository here: location=" + folder.resolve("none"));
  }

  @Test
  void open_wrongOrMissingPassphrase_isDenied() throws IOException {
    Repository.init(store, FAST, PASSPHRASE, CLOCK);

    assertThatThrownBy(() -> Repository.open(store, Optional.of(Passphrase.of("wrong")), CLOCK))
        .isInstanceOf(AccessDenied.class);
    assertThatThrownBy(() -> Repository.open(store, Optional.empty(), CLOCK))
        .isInstanceOf(AccessDenied.class)
        .hasMessage("a passphrase is needed: the repository is encrypted");
  }

  @Test
  void open_passphraseForAnOpenRepository_isRefused() throws IOException {
    Repository.init(store, InitOptions.unencrypted(), Optional.empty(), CLOCK);

    assertThatThrownBy(() -> Repository.open(store, PASSPHRASE, CLOCK))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("a passphrase was given, but the repository is not encrypted");
    Repository repository = Repository.open(store, Optional.empty(), CLOCK);
    assertThat(repository.encrypted()).isFalse();
    assertThatThrownBy(repository::keyring).isInstanceOf(InvalidRequest.class);
  }

  @Test
  void open_newerFormat_isNamed() throws IOException {
    change("\"format\":1,", "\"format\":2,\"unheardOf\":{},");

    assertUnsupported("document is of a newer format: file=REPOSITORY format=2 newest=1");
  }

  @Test
  void open_unknownFeature_isNamed() throws IOException {
    change("\"features\":[]", "\"features\":[\"placement\",\"log\"]");

    assertUnsupported("repository uses unknown features: features=placement,log");
  }

  @Test
  void open_unknownEncryption_isNamed() throws IOException {
    change("AES-256-GCM", "ML-KEM");

    assertUnsupported("repository is encrypted in an unknown way: encryption=ML-KEM");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"magic\":\"ringkeep\"|\"magic\":\"ringkept\"",
        "\"features\":[]|\"features\":[],\"more\":1",
        ",\"features\":[]|",
        "\"id\":\"|\"id\":\"x"
      })
  void open_notARepositoryFile_isCorrupt(String change) throws IOException {
    change(change.split("\\|", -1)[0], change.split("\\|", -1)[1]);

    assertThatThrownBy(() -> Repository.open(store, PASSPHRASE, CLOCK))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("REPOSITORY");
  }

  @Test
  void open_anyByteOfTheRepositoryFileDamaged_isCorrupt() throws IOException {
    Repository.init(store, FAST, PASSPHRASE, CLOCK);
    ByteBuffer original = store.read("REPOSITORY");
    for (int i = 0; i < original.limit(); i++) {
      byte[] damaged = new byte[original.limit()];
      original.get(0, damaged);
      damaged[i] ^= 4;
      store.put("REPOSITORY", ByteBuffer.wrap(damaged));

      assertThatThrownBy(() -> Repository.open(store, PASSPHRASE, CLOCK))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("file=REPOSITORY");
    }
  }

  @Test
  void close_afterwards_theKeyIsForgotten() throws IOException {
    boolean[] closed = new boolean[1];
    ObjectStore watched =
        new WatchedStore(store) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    Repository repository = Repository.init(watched, FAST, PASSPHRASE, CLOCK);
    repository.objects().write("caches/a/x", ObjectKind.LEDGER, ByteBuffer.allocate(1));
    repository.close();

    assertThat(closed[0]).isTrue();
    assertThatThrownBy(() -> repository.objects().read("caches/a/x", ObjectKind.LEDGER))
        .isInstanceOf(CorruptData.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "..", ".x", "-x", "a b", "ä"})
  void directory_oddCacheName_isRefused(String cache) {
    assertThatThrownBy(() -> Repository.directory(cache)).isInstanceOf(InvalidRequest.class);
  }

  @Test
  void directory_cacheName_isItsFolder() {
    assertThat(Repository.directory("orders-2.eu")).isEqualTo("caches/orders-2.eu/");
  }

  private void change(String found, String replacement) throws IOException {
    Repository.init(store, FAST, PASSPHRASE, CLOCK);
    String json = text("REPOSITORY");
    String body = json.substring(0, json.indexOf(",\"crc32c\""));
    String changed = body.replace(found, replacement);
    assertThat(changed).isNotEqualTo(body);
    CRC32C crc = new CRC32C();
    crc.update(changed.getBytes(UTF_8));
    store.put(
        "REPOSITORY", UTF_8.encode(changed + ",\"crc32c\":\"%08x\"}\n".formatted(crc.getValue())));
  }

  private void assertUnsupported(String message) {
    assertThatThrownBy(() -> Repository.open(store, PASSPHRASE, CLOCK))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessage(message);
  }

  private String text(String key) throws IOException {
    return UTF_8.decode(store.read(key)).toString();
  }
}
