package io.ringkeep.lookup;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.repository.KeyReader;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.KeyEntry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Finds one key in one snapshot.
public final class KeyLookup {
  private KeyLookup() {}

  /// A key that was found.
  ///
  /// @param snapshot that it was found in, or that the log was replayed onto
  /// @param record whose buffers hold until the taker returns
  /// @param type what its value is, and how it is encoded
  /// @param place in the log; empty if it is as the snapshot has it
  public record Found(Manifest snapshot, Record record, RdbType type, Optional<LogPlace> place) {}

  /// Where a log was cut.
  ///
  /// @param shard whose log it is
  /// @param offset behind the last byte that counts
  /// @param executedBy when all of it had been executed, by the server's clock, if that is known
  /// @param bound a command that is left out was executed at most so long before the time asked for
  public record LogPlace(
      String shard, long offset, Optional<Instant> executedBy, Optional<Duration> bound) {}

  /// Takes what was found.
  @FunctionalInterface
  public interface Taker<T> {
    T take(Found found) throws IOException;
  }

  /// Hands the key to `taker`. Reads a block or two of each run of the snapshot.
  ///
  /// @return what the taker returned
  /// @throws NotFound if there is no such snapshot, or no such key in it; the hint names what is
  ///   near
  /// @throws CorruptData if what holds it is damaged, naming what that affects
  public static <T> T get(
      Repository repository, String cache, Which which, KeyName key, Taker<T> taker)
      throws IOException {
    try (Lease _ = repository.leases().acquireRead("get")) {
      Manifest snapshot = which.of(repository, cache);
      return Damage.explained(
          repository, cache, () -> get(repository, cache, snapshot, Optional.empty(), key, taker));
    }
  }

  static <T> T get(
      Repository repository,
      String cache,
      Manifest snapshot,
      Optional<LogPlace> place,
      KeyName key,
      Taker<T> taker)
      throws IOException {
    try (KeyReader reader = new KeyReader(repository, key.database(), key.bytes())) {
      Optional<KeyEntry> found = reader.find(snapshot);
      if (found.isEmpty()) {
        throw new NotFound(
            "no such key: snapshot=%s %s".formatted(snapshot.id(), key),
            new NearestKeys(repository, cache, snapshot, key, reader).hint());
      }
      try (KeyEntry entry = found.get()) {
        Record record = entry.record();
        RdbType type = typeOf(record);
        return taker.take(new Found(snapshot, record, type, place));
      }
    }
  }

  /// @throws UnsupportedFormat if the record's version has no such type
  static RdbType typeOf(Record record) {
    return RdbType.of(record.version(), record.type())
        .orElseThrow(() ->
            new UnsupportedFormat(
                "unknown RDB value type: type=%d version=%s"
                    .formatted(record.type(), record.version()),
                "use a newer version of Ringkeep"));
  }
}
