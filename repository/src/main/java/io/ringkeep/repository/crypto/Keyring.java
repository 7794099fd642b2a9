package io.ringkeep.repository.crypto;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.lock.Leases;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The passphrases of a repository, each with a copy of the data key that it alone unwraps.
///
/// Changing a passphrase rewrites one small file and no data. Whoever knew an old passphrase and
/// kept a copy of its key file still knows the data key: a passphrase that leaked calls for a new
/// repository.
public final class Keyring {
  /// How often PBKDF2 iterates in new key files, as OWASP has it for SHA-512.
  public static final int ITERATIONS = 210_000;

  private final ObjectStore store;
  private final String repositoryId;
  private final DataKey key;
  private final int iterations;
  private final Leases leases;
  private final Clock clock;
  private final RandomGenerator random;

  /// The keyring of an open repository.
  ///
  /// @param key what the passphrases unwrap
  /// @param iterations of PBKDF2 in key files to come
  public Keyring(
      ObjectStore store,
      String repositoryId,
      DataKey key,
      int iterations,
      Leases leases,
      Clock clock,
      RandomGenerator random) {
    this.store = store;
    this.repositoryId = repositoryId;
    this.key = key;
    this.iterations = iterations;
    this.leases = leases;
    this.clock = clock;
    this.random = random;
  }

  /// Unwraps a repository's data key.
  ///
  /// @throws AccessDenied if no key file has this passphrase
  /// @throws CorruptData or [UnsupportedFormat] if none has, but one cannot be read
  public static DataKey unlock(ObjectStore store, String repositoryId, Passphrase passphrase)
      throws IOException {
    @Nullable BackupException unreadable = null;
    for (ObjectInfo object : store.list(KeyFile.DIRECTORY)) {
      try {
        KeyFile file = KeyFile.read(object.key(), store.read(object.key()));
        Optional<DataKey> key =
            file.repository().equals(repositoryId) ? file.unwrap(passphrase) : Optional.empty();
        if (key.isPresent()) {
          return key.get();
        }
      } catch (CorruptData | UnsupportedFormat e) {
        unreadable = e;
      }
    }
    if (unreadable != null) {
      throw unreadable;
    }
    throw new AccessDenied(
        "wrong passphrase: location=" + store.location(),
        "check RINGKEEP_PASSPHRASE or the passphrase file",
        null);
  }

  /// Key files of a store that cannot be read: name and reason.
  public static Map<String, String> damaged(ObjectStore store) throws IOException {
    Map<String, String> damaged = new TreeMap<>();
    for (ObjectInfo object : store.list(KeyFile.DIRECTORY)) {
      try {
        KeyFile.read(object.key(), store.read(object.key()));
      } catch (CorruptData | UnsupportedFormat e) {
        damaged.put(object.key(), String.valueOf(e.getMessage()));
      }
    }
    return damaged;
  }

  /// The passphrases, oldest first.
  public List<KeyInfo> list() throws IOException {
    return files().stream().map(KeyFile::info).toList();
  }

  /// Adds a passphrase. The others go on working.
  public KeyInfo add(Passphrase passphrase, String label) throws IOException {
    byte[] id = new byte[8];
    random.nextBytes(id);
    KeyFile file =
        KeyFile.wrap(
            key,
            passphrase,
            HexFormat.of().formatHex(id),
            repositoryId,
            label,
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            iterations,
            random);
    if (!store.createIfAbsent(file.name(), file.bytes())) {
      throw new IllegalStateException("two random key ids are the same: id=" + file.id());
    }
    return file.info();
  }

  /// Puts a new passphrase in the place of one. Should this be interrupted, both work.
  ///
  /// @throws AccessDenied if `current` is none of this repository's
  public KeyInfo change(Passphrase current, Passphrase replacement) throws IOException {
    try (Lease lease = leases.acquire("keys", "passphrase change")) {
      for (KeyFile file : files()) {
        if (file.unwrap(current).isPresent()) {
          KeyInfo added = add(replacement, file.label());
          lease.confirm();
          store.delete(file.name());
          return added;
        }
      }
    }
    throw new AccessDenied("wrong passphrase: nothing was changed", null, null);
  }

  /// Removes a passphrase.
  ///
  /// @throws NotFound if there is none of this id
  /// @throws InvalidRequest if it is the last one, without which nobody could ever read again
  public void remove(String id) throws IOException {
    try (Lease lease = leases.acquire("keys", "passphrase remove")) {
      List<KeyFile> files = files();
      KeyFile file =
          files.stream()
              .filter(candidate -> candidate.id().equals(id))
              .findFirst()
              .orElseThrow(
                  () -> new NotFound("no such passphrase: id=" + id, "see 'passphrase list'"));
      if (files.size() == 1) {
        throw new InvalidRequest(
            "the last passphrase cannot be removed: id=" + id,
            "add another with 'passphrase add' first");
      }
      lease.confirm();
      store.delete(file.name());
    }
  }

  private List<KeyFile> files() throws IOException {
    List<KeyFile> files = new ArrayList<>();
    for (ObjectInfo object : store.list(KeyFile.DIRECTORY)) {
      KeyFile file = KeyFile.read(object.key(), store.read(object.key()));
      if (file.repository().equals(repositoryId)) {
        files.add(file);
      }
    }
    files.sort(Comparator.comparing(KeyFile::created).thenComparing(KeyFile::id));
    return files;
  }
}
