package io.ringkeep.repository;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.HashKey;
import io.ringkeep.repository.crypto.DataKey;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.crypto.Keyring;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.lock.Leases;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.SlotMaps;
import io.ringkeep.repository.manifest.Ledger;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofLog;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.object.RecentObjects;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.run.StoredRun;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.StoreProbe;
import io.ringkeep.store.StoreTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// An open repository. Safe for any number of threads.
public final class Repository implements AutoCloseable {
  private static final String README = "README.txt";
  private static final String CACHES = "caches/";

  /// The object that says which repository a place holds; there is one if this is there.
  public static final String FILE = RepositoryFile.NAME;

  /// Where a store is tried out: `control/probe/`.
  public static final String PROBE = "control/probe/";

  // Of manifests, and as much of indexes of runs.
  private static final long KEPT_BYTES = 16 << 20;

  private static final Pattern CACHE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}");

  private final ObjectStore store;
  private final RepositoryFile file;
  private final Optional<DataKey> key;
  private final Clock clock;
  private final SealedObjects objects;
  private final RecentObjects<Manifest> manifests = new RecentObjects<>(KEPT_BYTES);
  private final RecentObjects<StoredRun> runs = new RecentObjects<>(KEPT_BYTES);
  private final Leases leases;
  private final Optional<Keyring> keyring;

  private Repository(
      ObjectStore store,
      RepositoryFile file,
      Optional<DataKey> key,
      int iterations,
      Clock clock,
      SecureRandom random) {
    this.store = store;
    this.file = file;
    this.key = key;
    this.clock = clock;
    this.objects = new SealedObjects(store, file.id(), file.cipher(), key, random);
    this.leases = new Leases(store, clock, random);
    this.keyring =
        key.map(
            dataKey -> new Keyring(store, file.id(), dataKey, iterations, leases, clock, random));
  }

  /// Makes a repository and opens it.
  ///
  /// Of several at once in one place, one succeeds. An interrupted one leaves nothing that would be
  /// in the way of the next.
  ///
  /// @param store taken over: closing the repository closes it
  /// @param passphrase present unless the repository is not to be encrypted
  /// @throws InvalidRequest if there is one, or anything else, or if the store does not do what
  ///   commits rely on
  public static Repository init(
      ObjectStore store, InitOptions options, Optional<Passphrase> passphrase, Clock clock)
      throws IOException {
    requirePassphrase(options.encryption(), passphrase);
    if (store.size(RepositoryFile.NAME).isPresent()) {
      throw alreadyThere(store);
    }
    if (!store.list(CACHES).isEmpty()) {
      throw new InvalidRequest(
          "snapshots are here, but no REPOSITORY file: location=" + store.location(),
          "bring the file back from a copy, or choose an empty place");
    }
    requirePromises(store);
    SecureRandom random = new SecureRandom();
    byte[] id = new byte[16];
    random.nextBytes(id);
    RepositoryFile file =
        RepositoryFile.of(
            HexFormat.of().formatHex(id),
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            options.encryption());
    Optional<DataKey> key = passphrase.map(_ -> DataKey.random(random));
    Repository repository = new Repository(store, file, key, options.iterations(), clock, random);
    if (passphrase.isPresent()) {
      repository.keyring().add(passphrase.get(), "first");
    }
    if (!store.createIfAbsent(RepositoryFile.NAME, file.bytes())) {
      throw alreadyThere(store);
    }
    store.put(README, readme(options.encryption()));
    return repository;
  }

  /// Opens a repository.
  ///
  /// @param store taken over: closing the repository closes it
  /// @param passphrase present if the repository is encrypted
  /// @throws NotFound if there is none
  /// @throws AccessDenied if the passphrase is missing or wrong
  /// @throws InvalidRequest if there is a passphrase but no encryption: someone may have put an
  ///   open repository in the place of a secret one
  /// @throws UnsupportedFormat if it is newer than this version
  /// @throws CorruptData if its `REPOSITORY` file or its keys are damaged
  public static Repository open(ObjectStore store, Optional<Passphrase> passphrase, Clock clock)
      throws IOException {
    if (store.size(RepositoryFile.NAME).isEmpty()) {
      throw new NotFound(
          "no repository here: location=" + store.location(), "make one with 'init'");
    }
    RepositoryFile file = RepositoryFile.read(store.read(RepositoryFile.NAME));
    requirePassphrase(file.cipher(), passphrase);
    Optional<DataKey> key =
        passphrase.isPresent()
            ? Optional.of(Keyring.unlock(store, file.id(), passphrase.get()))
            : Optional.empty();
    return new Repository(store, file, key, Keyring.ITERATIONS, clock, new SecureRandom());
  }

  private static void requirePassphrase(Encryption encryption, Optional<Passphrase> passphrase) {
    switch (encryption) {
      case NONE -> {
        if (passphrase.isPresent()) {
          throw new InvalidRequest(
              "a passphrase was given, but the repository is not encrypted",
              "if that is meant to be so, give none: unset RINGKEEP_PASSPHRASE");
        }
      }
      case AES_256_GCM -> {
        if (passphrase.isEmpty()) {
          throw new AccessDenied(
              "a passphrase is needed: the repository is encrypted",
              "set RINGKEEP_PASSPHRASE or use --passphrase-file",
              null);
        }
      }
    }
  }

  /// Finds out now what would cost a snapshot later.
  private static void requirePromises(ObjectStore store) throws IOException {
    StoreTraits traits = StoreProbe.of(store, PROBE);
    if (!traits.missing().isEmpty()) {
      throw new InvalidRequest(
          "this place does not keep what a repository needs: location=%s %s"
              .formatted(store.location(), traits.complaint()),
          traits.missing().getFirst().hint());
    }
  }

  private static InvalidRequest alreadyThere(ObjectStore store) {
    return new InvalidRequest(
        "a repository is already here: location=" + store.location(), "choose another place");
  }

  private static ByteBuffer readme(Encryption encryption) {
    String secret =
        switch (encryption) {
          case NONE -> "It is not encrypted.\n";
          case AES_256_GCM ->
              "It is encrypted. Without one of its passphrases nobody can read it, ever.\n";
        };
    String text =
        """
        This is a Ringkeep repository: backups of Redis or Valkey.
        %s
        Do not change, rename or delete anything in here by hand: snapshots share files.
        Copying all of it is fine, and so is reading it from a copy that cannot be written to.

          ringkeep list    -r <this place>     what is in it
          ringkeep verify  -r <this place>     whether every byte is whole
          ringkeep restore -r <this place> --target redis://HOST:PORT

        REPOSITORY   what this is: format, id, encryption
        keys/        the key to all data, wrapped by passphrases
        caches/      snapshots; a file in a ledger/ folder commits one
        control/     who is working here

        The format is specified in docs/format/ of Ringkeep, so that other programs can read it.
        """
            .formatted(secret);
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /// 32 hex digits that no other repository has.
  public String id() {
    return file.id();
  }

  /// Whether its objects are encrypted.
  public boolean encrypted() {
    return key.isPresent();
  }

  /// What keys positions and fingerprints.
  public HashKey hashKey() {
    return key.map(DataKey::hashKey).orElseGet(() -> DataKey.hashKey(file.id()));
  }

  /// Its passphrases.
  ///
  /// @throws InvalidRequest if it is not encrypted
  public Keyring keyring() {
    return keyring.orElseThrow(
        () -> new InvalidRequest("the repository is not encrypted: it has no passphrases", null));
  }

  /// Who may work on what.
  public Leases leases() {
    return leases;
  }

  /// What backups write and restores read.
  public SealedObjects objects() {
    return objects;
  }

  /// A run in which single keys are looked for.
  ///
  /// @throws CorruptData if its index is missing, damaged, or not the one the manifest means
  StoredRun places(RunDescriptor run) throws IOException {
    return runs.get(run.index(), () -> StoredRun.openPlaces(objects, run));
  }

  /// Where everything lies.
  public ObjectStore store() {
    return store;
  }

  /// Tells when snapshots were taken.
  public Clock clock() {
    return clock;
  }

  /// Names of the caches that have anything stored, sorted.
  public List<String> caches() throws IOException {
    return store.list(CACHES).stream()
        .map(ObjectInfo::key)
        .map(name -> name.split("/", 3))
        .filter(names -> names.length == 3)
        .map(names -> names[1])
        .distinct()
        .toList();
  }

  /// The snapshots of a cache; none if nobody knows it.
  ///
  /// @throws InvalidRequest if no cache can have this name
  public SnapshotCatalog snapshots(String cache) {
    directory(cache);
    return new SnapshotCatalog(store, objects, manifests, cache);
  }

  /// The chain of decisions about a cache's snapshots.
  ///
  /// @throws InvalidRequest if no cache can have this name
  public Ledger ledger(String cache) {
    directory(cache);
    return new Ledger(store, objects, cache);
  }

  /// The command stream of one shard of a cache.
  ///
  /// @throws InvalidRequest if no cache can have this name
  public ShardLog log(String cache, String shard) {
    directory(cache);
    return new ShardLog(store, objects, cache, shard);
  }

  /// Which shard of a cluster served which slots, as far as it was archived.
  ///
  /// @throws InvalidRequest if no cache can have this name
  public SlotMaps slotMaps(String cache) {
    directory(cache);
    return new SlotMaps(store, objects, cache);
  }

  /// What is known of the wholeness of a cache's snapshots.
  ///
  /// @throws InvalidRequest if no cache can have this name
  public ProofLog proofs(String cache) {
    directory(cache);
    return new ProofLog(store, objects, cache);
  }

  /// Where a cache's objects are: `caches/<cache>/`.
  ///
  /// @throws InvalidRequest if no cache can have this name
  public static String directory(String cache) {
    if (!CACHE.matcher(cache).matches()) {
      throw new InvalidRequest(
          "not a name for a cache: cache=" + cache,
          "use up to 64 letters, digits, dots, dashes and underscores");
    }
    return CACHES + cache + "/";
  }

  /// Forgets the key and closes the store. Leases are their holders' to close, before.
  @Override
  public void close() throws IOException {
    key.ifPresent(DataKey::destroy);
    store.close();
  }
}
