package io.ringkeep.lookup;

import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.RecordHead;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Goes through the keys of a snapshot in the order of the ring, without their large values.
public final class KeyScan {
  private KeyScan() {}

  /// A key as it stands in a list.
  ///
  /// @param key as it is shown, and may be given again
  /// @param bytes length of the value's RDB bytes: what it takes here, not in a server's memory
  /// @param expiryMillis absolute expiry, or [io.ringkeep.model.Record#NO_EXPIRY]
  public record Listed(int database, String key, LogicalType type, long bytes, long expiryMillis) {
    static Listed of(RecordHead head) {
      return new Listed(
          head.database(),
          EscapedText.of(head.key()),
          RdbType.logicalType(head.version(), head.type()),
          head.valueBytes(),
          head.expiryMillis());
    }
  }

  /// A key that the scan is at; it holds until the taker returns.
  public static final class Seen {
    private final RecordHead head;

    private Seen(RecordHead head) {
      this.head = head;
    }

    /// The key's name, a view.
    public ByteBuffer name() {
      return head.key();
    }

    /// Length of the value's RDB bytes.
    public long bytes() {
      return head.valueBytes();
    }

    /// The same with its name and expiry: what [Manifest#bytes] sums.
    public long recordBytes() {
      return head.recordBytes();
    }

    /// Number of the database it lives in.
    public int database() {
      return head.database();
    }

    /// Absolute expiry, or [io.ringkeep.model.Record#NO_EXPIRY].
    public long expiryMillis() {
      return head.expiryMillis();
    }

    /// What it is to those who use it.
    public LogicalType type() {
      return RdbType.logicalType(head.version(), head.type());
    }

    /// The key to keep.
    public Listed listed() {
      return Listed.of(head);
    }
  }

  /// Takes keys; begins with the snapshot.
  public interface Taker {
    /// Comes first.
    void begin(Manifest snapshot) throws IOException;

    /// A key that was asked for.
    void take(Seen seen) throws IOException;
  }

  /// Hands all keys that `filter` lets pass to `taker`.
  ///
  /// @return how many they were
  /// @throws NotFound if there is no such snapshot, or no key passes
  /// @throws io.ringkeep.model.BackupException.CorruptData naming what is damaged and affected
  public static long run(
      Repository repository, String cache, Which which, KeyFilter filter, Taker taker)
      throws IOException {
    try (Lease _ = repository.leases().acquireRead("keys")) {
      Manifest snapshot = which.of(repository, cache);
      return Damage.explained(repository, cache, () -> scan(repository, snapshot, filter, taker));
    }
  }

  private static long scan(Repository repository, Manifest snapshot, KeyFilter filter, Taker taker)
      throws IOException {
    KeyFilter.Matcher matcher = filter.matcher();
    long taken = 0;
    try (SnapshotReader reader = SnapshotReader.open(repository, snapshot, ReadOptions.standard());
        RecordCursor cursor = reader.records(filter.slots())) {
      while (cursor.next()) {
        RecordHead head = cursor.head();
        if (matcher.matches(head)) {
          if (taken++ == 0) {
            taker.begin(snapshot);
          }
          taker.take(new Seen(head));
        }
      }
    }
    if (taken == 0) {
      throw new NotFound(
          "no such keys: snapshot=%s %s".formatted(snapshot.id(), filter),
          "the snapshot has %,d keys; 'ringkeep keys --tree' shows how their names begin"
              .formatted(snapshot.records()));
    }
    return taken;
  }
}
