package io.ringkeep.restore;

import io.ringkeep.model.HashKey;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns a snapshot's records into those that the target is to hold: leaves out, renames, moves to
/// another database, sets other expiries. The same record gives the same each time.
///
/// Not thread-safe: one for each thread.
final class Shaping {
  private final RestoreOptions options;
  private final RecordHasher hasher;
  private final long takenMillis;
  private final long nowMillis;
  private final boolean plain;

  /// @param taken when the snapshot was taken
  /// @param now when the restore began
  Shaping(RestoreOptions options, HashKey key, Instant taken, Instant now) {
    this.options = options;
    this.hasher = new RecordHasher(key);
    this.takenMillis = taken.toEpochMilli();
    this.nowMillis = now.toEpochMilli();
    this.plain = options.wholeAndUnchanged();
  }

  /// True if every record comes out as it went in.
  boolean plain() {
    return plain;
  }

  /// True if records may come out in another slot, or two as the same key.
  boolean renames() {
    return !options.renames().isEmpty() || !options.databaseMap().isEmpty();
  }

  /// The record as the target is to hold it; null if it is left out.
  @Nullable Record of(Record record) {
    if (plain) {
      return record;
    }
    if (!options.selection().selects(record)) {
      return null;
    }
    long expiry = expiry(record);
    boolean drop = options.ttl() instanceof TtlPolicy.DropExpired;
    if (drop && record.expiredAt(nowMillis)) {
      return null;
    }
    return new Record(
        options.databaseMap().getOrDefault(record.database(), record.database()),
        name(record.key()),
        expiry,
        record.heat(),
        record.type(),
        record.version(),
        record.value());
  }

  private ByteBuffer name(ByteBuffer key) {
    for (Rename rename : options.renames()) {
      Optional<ByteBuffer> renamed = rename.of(key);
      if (renamed.isPresent()) {
        return renamed.get();
      }
    }
    return key;
  }

  private long expiry(Record record) {
    long expiry = options.ttl().expiry(record, takenMillis, nowMillis);
    if (expiry == Record.NO_EXPIRY || options.jitterPercent() == 0 || expiry <= nowMillis) {
      return expiry;
    }
    long hash = hasher.position(record.database(), record.key()) & ((1L << Position.HASH_BITS) - 1);
    double share = hash / (double) (1L << Position.HASH_BITS);
    double most = (expiry - nowMillis) * (options.jitterPercent() / 100.0);
    return expiry + (long) (share * most);
  }
}
