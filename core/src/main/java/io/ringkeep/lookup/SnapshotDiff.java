package io.ringkeep.lookup;

import io.ringkeep.model.Record;
import io.ringkeep.model.RecordOrder;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.RecordHead;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What differs between two snapshots of a cache.
///
/// Only slots whose digests differ are read; in them both are read side by side, in the order of
/// the ring.
public final class SnapshotDiff {
  private static final int MOST_SAMPLES = 5;

  /// What became of a key.
  public enum Kind {
    ADDED,
    REMOVED,
    CHANGED
  }

  /// A key that differs.
  ///
  /// @param before absent if it was added
  /// @param after absent if it was removed
  /// @param change how the values differ, if that was asked for and there are two
  public record Difference(
      Kind kind,
      Optional<KeyScan.Listed> before,
      Optional<KeyScan.Listed> after,
      Optional<ValueChange> change) {
    /// The key, as it is after or was before.
    public KeyScan.Listed key() {
      return after.or(() -> before).orElseThrow();
    }
  }

  /// Takes the differences, in the order of the ring.
  @FunctionalInterface
  public interface Taker {
    void take(Difference difference) throws IOException;
  }

  /// What was compared.
  ///
  /// @param slots how many slots differ, and were read
  public record Result(Manifest before, Manifest after, int slots) {}

  private final ValueComparison comparison;
  private final RecordFingerprinter fingerprinter;
  private final boolean values;
  private final Taker taker;

  private SnapshotDiff(Repository repository, boolean values, Taker taker) {
    comparison = new ValueComparison(repository.hashKey(), MOST_SAMPLES);
    fingerprinter = new RecordFingerprinter(repository.hashKey());
    this.values = values;
    this.taker = taker;
  }

  /// Hands what differs to `taker`.
  ///
  /// @param values whether values are compared, too
  /// @throws io.ringkeep.model.BackupException.NotFound if there is no such snapshot
  /// @throws io.ringkeep.model.BackupException.CorruptData naming what is damaged and affected
  public static Result run(
      Repository repository, String cache, Which before, Which after, boolean values, Taker taker)
      throws IOException {
    try (Lease _ = repository.leases().acquireRead("diff")) {
      Manifest older = before.of(repository, cache);
      Manifest newer = after.of(repository, cache);
      return Damage.explained(
          repository,
          cache,
          () -> {
            try (SnapshotReader one =
                    SnapshotReader.open(repository, older, ReadOptions.standard());
                SnapshotReader other =
                    SnapshotReader.open(repository, newer, ReadOptions.standard())) {
              List<SlotRange> slots = one.storedDigests().differing(other.storedDigests());
              try (RecordCursor left = one.records(slots);
                  RecordCursor right = other.records(slots)) {
                new SnapshotDiff(repository, values, taker).compare(left, right);
              }
              return new Result(older, newer, slots.stream().mapToInt(SlotRange::slotCount).sum());
            }
          });
    }
  }

  private void compare(RecordCursor before, RecordCursor after) throws IOException {
    boolean more = before.next();
    boolean moreAfter = after.next();
    while (more || moreAfter) {
      int order = !more ? 1 : !moreAfter ? -1 : compareKeys(before, after);
      if (order < 0) {
        taker.take(difference(Kind.REMOVED, before.head(), null));
      } else if (order > 0) {
        taker.take(difference(Kind.ADDED, null, after.head()));
      } else {
        compareValues(before, after);
      }
      if (order <= 0) {
        more = before.next();
      }
      if (order >= 0) {
        moreAfter = after.next();
      }
    }
  }

  private static int compareKeys(RecordCursor before, RecordCursor after) {
    RecordHead one = before.head();
    RecordHead other = after.head();
    return RecordOrder.compare(
        before.position(),
        one.database(),
        one.key(),
        after.position(),
        other.database(),
        other.key());
  }

  private void compareValues(RecordCursor before, RecordCursor after) throws IOException {
    Record one = before.record();
    Record other = after.record();
    if (same(one, other)) {
      return;
    }
    Optional<ValueChange> change =
        values ? Optional.of(comparison.compare(one, other)) : Optional.empty();
    taker.take(
        new Difference(
            Kind.CHANGED,
            Optional.of(KeyScan.Listed.of(before.head())),
            Optional.of(KeyScan.Listed.of(after.head())),
            change));
  }

  private boolean same(Record one, Record other) {
    boolean sameBytes =
        one.type() == other.type()
            && one.version().equals(other.version())
            && one.expiryMillis() == other.expiryMillis()
            && one.value().equals(other.value());
    return sameBytes || fingerprinter.fingerprint(one).equals(fingerprinter.fingerprint(other));
  }

  private static Difference difference(
      Kind kind, @Nullable RecordHead before, @Nullable RecordHead after) {
    return new Difference(
        kind,
        Optional.ofNullable(before).map(KeyScan.Listed::of),
        Optional.ofNullable(after).map(KeyScan.Listed::of),
        Optional.empty());
  }
}
