package io.ringkeep.repository.run;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.repository.known.Comparison;
import io.ringkeep.repository.known.KnownFile;
import io.ringkeep.repository.known.KnownLog;
import io.ringkeep.repository.manifest.RunDescriptor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes in the records of one shard. In a full backup all of them become runs; where there is a
/// snapshot to compare with, only those that changed do.
///
/// Filled by one thread. What is closed without [#finish] leaves nothing in the snapshot.
public final class ShardWriter implements RecordSink, AutoCloseable {
  private final RunWriters writers;
  private final ContentCounter counter;
  private final SlotSums total = new SlotSums();
  private final RunFeed feed;
  // Present if the records are compared; the feed is then shared by all shards, and guarded by
  // itself.
  private final @Nullable Comparison comparison;
  private final KnownLog.@Nullable Part known;
  private final RecordHasher hasher;
  private boolean closed;

  ShardWriter(RunWriters writers, Optional<RunFeed> shared) {
    this.writers = writers;
    counter = writers.counter();
    comparison = shared.isPresent() ? writers.comparison().orElseThrow() : null;
    feed = shared.orElseGet(() -> new RunFeed(writers));
    known = writers.known().map(KnownLog::part).orElse(null);
    hasher = writers.hasher();
  }

  @Override
  public void accept(long position, Fingerprint fingerprint, Record record) throws IOException {
    if (closed) {
      throw new IllegalStateException("shard was given up or has ended");
    }
    if (comparison != null) {
      compare(comparison, position, fingerprint, record);
    } else {
      feed.record(position, fingerprint, record, null);
      counter.count(record);
      if (known != null) {
        hasher.position(record.database(), record.key());
        remember(known, position, fingerprint, record);
      }
    }
    total.add(Position.slot(position), fingerprint);
  }

  private void compare(Comparison with, long position, Fingerprint fingerprint, Record record)
      throws IOException {
    hasher.position(record.database(), record.key());
    KnownFile before = with.before();
    long entry = before.find(position, hasher.keyCheck());
    if (entry >= 0 && !with.sightings().mark(entry)) {
      writers.foundTwice();
    }
    if (entry >= 0 && same(before, entry, fingerprint)) {
      int kind = before.kind(entry);
      counter.count(record, before.version(kind), before.type(kind));
      if (known != null) {
        known.add(
            position,
            hasher.keyCheck(),
            fingerprint,
            known.kind(before.version(kind), before.type(kind), record.database()));
      }
      return;
    }
    Fingerprint older =
        entry < 0
            ? null
            : new Fingerprint(before.fingerprintHigh(entry), before.fingerprintLow(entry));
    synchronized (feed) {
      feed.record(position, fingerprint, record, older);
    }
    counter.count(record);
    if (known != null) {
      remember(known, position, fingerprint, record);
    }
  }

  private static boolean same(KnownFile before, long entry, Fingerprint fingerprint) {
    return before.fingerprintLow(entry) == fingerprint.low()
        && before.fingerprintHigh(entry) == fingerprint.high();
  }

  private void remember(KnownLog.Part part, long position, Fingerprint fingerprint, Record record) {
    int kind = part.kind(record.version(), record.type(), record.database());
    part.add(position, hasher.keyCheck(), fingerprint, kind);
  }

  /// Ends the shard: everything that was accepted is part of the snapshot, and durable afterwards,
  /// or when the changes of all shards are written.
  ///
  /// @throws IOException if anything of it could not be written
  public ShardContents finish() throws IOException {
    if (closed) {
      throw new IllegalStateException("shard was given up or has ended");
    }
    List<RunDescriptor> runs = comparison == null ? feed.finish() : List.of();
    ShardContents contents = new ShardContents(runs, counter.contents(runs), total);
    writers.add(contents, counter);
    if (known != null) {
      known.finish();
    }
    close();
    return contents;
  }

  /// Gives up what was not finished. Waits until nothing of it is written any more.
  @Override
  public void close() {
    closed = true;
    if (comparison == null) {
      feed.close();
    }
  }
}
