package io.ringkeep.client.repository;

import io.ringkeep.client.RestoreOptions;
import io.ringkeep.client.RestoreOptions.Expiry;
import io.ringkeep.client.repository.KeyVersion.Origin;
import io.ringkeep.lookup.KeyHistory;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.KeyReturn;
import io.ringkeep.lookup.LogHistory;
import io.ringkeep.lookup.Undelete.Present;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.place.RepositoryPlace;
import io.ringkeep.redis.Secret;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.restore.TtlPolicy;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// What keys were, and one of their versions back: from a repository into the live cache.
/// Thread-safe: calls follow one another.
///
/// ```java
/// RepositoryAccess access =
///     RepositoryAccess.of("/srv/backup/cache", "redis://10.0.0.1:6379").passphrase(passphrase);
/// try (RepositoryKeys keys = RepositoryKeys.open(access, Clock.systemUTC())) {
///   keys.history("cart:42").versions().forEach(System.out::println);
///   keys.restore("cart:42", Instant.parse("2026-11-22T10:15:00Z"));
/// }
/// ```
///
/// Snapshots cost a block or two of each. Where `archive` has recorded a change of the key, its
/// shard is rolled forward in a server of our own on this host, whose memory holds that shard.
public final class RepositoryKeys implements AutoCloseable {
  /// How many changes of each stretch of the log are looked at, the newest ones.
  private static final int MOST_CHANGES = 100;

  private final RepositoryAccess access;
  private final Repository repository;
  private final Clock clock;

  private RepositoryKeys(RepositoryAccess access, Repository repository, Clock clock) {
    this.access = access;
    this.repository = repository;
    this.clock = clock;
  }

  /// Opens the repository; the cache is dialled when it is needed.
  ///
  /// @param clock for expiries and leases, such as [Clock#systemUTC()]
  /// @throws io.ringkeep.model.BackupException if there is none, or the passphrase does not open it
  public static RepositoryKeys open(RepositoryAccess access, Clock clock) {
    try {
      return open(
          access,
          RepositoryPlace.parse(access.repository(), access.environment())
              .open(access.environment()),
          clock);
    } catch (IOException e) {
      throw away(e);
    }
  }

  /// @param store closed if it can't be opened, else with the keys
  static RepositoryKeys open(RepositoryAccess access, ObjectStore store, Clock clock)
      throws IOException {
    try {
      return new RepositoryKeys(
          access,
          Repository.open(
              store, access.passphrase().map(Secret::reveal).map(Passphrase::of), clock),
          clock);
    } catch (IOException | RuntimeException e) {
      try {
        store.close();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /// What the key was, in snapshots and between them.
  ///
  /// @throws io.ringkeep.model.BackupException.NotFound if the repository has never seen it; the
  ///   hint names what is near
  public KeyPast history(String key) {
    return history(bytes(key));
  }

  /// What the key was, in snapshots and between them.
  ///
  /// @throws io.ringkeep.model.BackupException.NotFound if the repository has never seen it; the
  ///   hint names what is near
  public synchronized KeyPast history(byte[] key) {
    KeyName name = name(key);
    try {
      LogHistory.Result log =
          LogHistory.of(
              repository,
              access.cache(),
              name,
              MOST_CHANGES,
              access.engine(),
              access.timeout(),
              clock,
              Progress.silent());
      return PastBuilder.of(
          KeyHistory.of(repository, access.cache(), name, /* required= */ log.steps().isEmpty()),
          log);
    } catch (IOException e) {
      throw away(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /// Puts the key back as it was at `moment`, over what is there, with the expiry that it had.
  ///
  /// @throws io.ringkeep.model.BackupException if there was no such key then, it has expired since,
  ///   or it can't be read or written: then nothing was changed
  public RestoredKey restore(String key, Instant moment) {
    return restore(key, moment, key, RestoreOptions.DEFAULT);
  }

  /// Puts what `key` was at `moment` under the name `to`.
  ///
  /// @throws io.ringkeep.model.BackupException if there was no such key then, it has expired since,
  ///   `to` is there and is to stay, or it can't be read or written: then nothing was changed
  public RestoredKey restore(String key, Instant moment, String to, RestoreOptions options) {
    return restore(bytes(key), moment, bytes(to), options);
  }

  /// Puts what `key` was at `moment` under the name `to`.
  ///
  /// @throws io.ringkeep.model.BackupException if there was no such key then, it has expired since,
  ///   `to` is there and is to stay, or it can't be read or written: then nothing was changed
  public synchronized RestoredKey restore(
      byte[] key, Instant moment, byte[] to, RestoreOptions options) {
    KeyReturn.Request request =
        new KeyReturn.Request(
            access.cache(),
            name(key),
            moment,
            name(to),
            access.target(),
            access.connection(),
            options.replace() ? Present.REPLACE : Present.REFUSE,
            policy(options.expiry()),
            access.engine(),
            access.timeout());
    try {
      return restored(KeyReturn.run(request, repository, clock, Progress.silent()));
    } catch (IOException e) {
      throw away(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static RestoredKey restored(KeyReturn.Returned key) {
    Origin origin =
        key.place()
            .<Origin>map(place -> new Origin.Log(place.shard(), place.offset(), ""))
            .orElseGet(() -> new Origin.Snapshot(key.snapshot()));
    return new RestoredKey(
        origin,
        key.type().word(),
        key.bytes(),
        PastBuilder.expiry(key.expiryMillis()),
        key.server().toString(),
        key.proven());
  }

  private static TtlPolicy policy(Expiry expiry) {
    return switch (expiry) {
      case Expiry.AsItWas() -> new TtlPolicy.Absolute();
      case Expiry.After(Duration ttl) -> new TtlPolicy.After(ttl);
      case Expiry.Never() -> new TtlPolicy.Persist();
    };
  }

  private KeyName name(byte[] key) {
    return new KeyName(access.database(), ByteBuffer.wrap(key.clone()));
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  private static Unavailable away(IOException e) {
    return new Unavailable(
        "the repository can't be read: " + e.getMessage(), "is it there, and whole?", e);
  }

  private static Unavailable interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new Unavailable("interrupted while a key was looked up", "try again", e);
  }

  /// Closes the repository.
  @Override
  public synchronized void close() {
    try {
      repository.close();
    } catch (IOException e) {
      throw away(e);
    }
  }
}
