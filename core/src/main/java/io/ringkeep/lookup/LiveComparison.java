package io.ringkeep.lookup;

import io.ringkeep.capture.FullRead;
import io.ringkeep.lookup.LiveSpool.LiveKey;
import io.ringkeep.lookup.SnapshotDiff.Difference;
import io.ringkeep.lookup.SnapshotDiff.Kind;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordOrder;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// What differs between a snapshot and a live cache.
///
/// The cache's primaries are read once, each by a full sync, as a backup reads them. Slots whose
/// digests are equal are not looked into.
public final class LiveComparison {
  /// What is compared with what.
  public record Request(
      String cache,
      Which snapshot,
      RedisUri live,
      ConnectionOptions connection,
      Duration timeout) {}

  /// What was found beside the differences.
  ///
  /// @param slots that differ
  /// @param expired keys of the snapshot that are gone because they have expired: no difference
  public record Result(Manifest snapshot, List<SlotRange> slots, long liveKeys, long expired) {
    public Result {
      slots = List.copyOf(slots);
    }
  }

  private final Repository repository;
  private final SnapshotDiff.Taker taker;
  private final long nowMillis;
  private final RecordFingerprinter fingerprinter;
  private long expired;

  private LiveComparison(Repository repository, SnapshotDiff.Taker taker, long nowMillis) {
    this.repository = repository;
    this.taker = taker;
    this.nowMillis = nowMillis;
    fingerprinter = new RecordFingerprinter(repository.hashKey());
  }

  /// Hands what differs to `taker`: [Kind#ADDED] is only in the live cache, [Kind#REMOVED] only in
  /// the snapshot.
  ///
  /// @throws io.ringkeep.model.BackupException if a server refuses or goes away, or the snapshot is
  ///   damaged
  /// @throws InterruptedException if the caller is interrupted
  public static Result run(
      Request request,
      Repository repository,
      Clock clock,
      Progress progress,
      SnapshotDiff.Taker taker)
      throws IOException, InterruptedException {
    try (Lease _ = repository.leases().acquireRead("compare");
        LiveSpool spool = LiveSpool.create()) {
      Manifest snapshot = request.snapshot().of(repository, request.cache());
      read(request, repository, clock, progress, spool);
      LiveComparison comparison = new LiveComparison(repository, taker, clock.millis());
      return Damage.explained(
          repository, request.cache(), () -> comparison.compare(snapshot, spool));
    }
  }

  private static void read(
      Request request, Repository repository, Clock clock, Progress progress, LiveSpool spool)
      throws IOException, InterruptedException {
    Deadline deadline = Deadline.in(request.timeout(), "compare");
    List<Callable<FullRead.Dataset>> reads = new ArrayList<>();
    Optional<KeyRing> ring = request.live().ring().map(KeyRing::new);
    List<Shard> shards = TopologyDiscovery.discover(request.live(), request.connection()).shards();
    for (int i = 0; i < shards.size(); i++) {
      int index = i;
      Endpoint server = shards.get(i).primary().endpoint();
      reads.add(() -> {
        try (Progress.Task task = progress.begin("live " + server, OptionalLong.empty())) {
          return FullRead.run(
              server,
              request.connection(),
              repository.hashKey(),
              RateLimit.of(OptionalLong.empty()),
              deadline,
              clock,
              task,
              (position, fingerprint, record) -> {
                // What a grown ring left behind is nobody's key, see RingFilter.
                if (ring.isEmpty() || ring.get().owner(record.key()) == index) {
                  spool.add(position, fingerprint, record);
                }
              });
        }
      });
    }
    Parallel.run("compare", reads, deadline);
  }

  private Result compare(Manifest snapshot, LiveSpool spool) throws IOException {
    try (SnapshotReader reader =
        SnapshotReader.open(repository, snapshot, ReadOptions.standard())) {
      SlotDigests live = spool.finish();
      List<SlotRange> differing = reader.storedDigests().differing(live);
      for (SlotRange range : LiveSpool.ranges()) {
        List<SlotRange> slots = within(differing, range);
        if (!slots.isEmpty()) {
          List<LiveKey> keys = new ArrayList<>(spool.read(range));
          keys.removeIf(key ->
              slots.stream().noneMatch(slot -> slot.contains(Position.slot(key.position()))));
          try (RecordCursor cursor = reader.records(slots)) {
            join(cursor, keys.iterator());
          }
        }
      }
      return new Result(snapshot, differing, live.total().records(), expired);
    }
  }

  private static List<SlotRange> within(List<SlotRange> slots, SlotRange range) {
    return slots.stream()
        .filter(slot -> slot.last() >= range.first() && slot.first() <= range.last())
        .map(slot ->
            new SlotRange(
                Math.max(slot.first(), range.first()), Math.min(slot.last(), range.last())))
        .toList();
  }

  private void join(RecordCursor stored, Iterator<LiveKey> live) throws IOException {
    boolean more = stored.next();
    @Nullable LiveKey key = live.hasNext() ? live.next() : null;
    while (more || key != null) {
      int order = !more ? 1 : key == null ? -1 : compareKeys(stored, key);
      if (order < 0) {
        onlyStored(stored);
      } else if (key != null && order > 0) {
        onlyLive(key);
      } else if (key != null) {
        both(stored, key);
      }
      if (order <= 0) {
        more = stored.next();
      }
      if (order >= 0) {
        key = live.hasNext() ? live.next() : null;
      }
    }
  }

  private static int compareKeys(RecordCursor stored, LiveKey key) {
    return RecordOrder.compare(
        stored.position(),
        stored.head().database(),
        stored.head().key(),
        key.position(),
        key.database(),
        key.key());
  }

  private void onlyStored(RecordCursor stored) throws IOException {
    KeyScan.Listed listed = KeyScan.Listed.of(stored.head());
    if (listed.expiryMillis() != Record.NO_EXPIRY && listed.expiryMillis() <= nowMillis) {
      expired++;
    } else {
      take(Kind.REMOVED, listed, null);
    }
  }

  private void onlyLive(LiveKey key) throws IOException {
    // A primary sends keys that have expired and that nobody has asked for since.
    if (key.expiryMillis() == Record.NO_EXPIRY || key.expiryMillis() > nowMillis) {
      take(Kind.ADDED, null, key.listed());
    }
  }

  private void both(RecordCursor stored, LiveKey key) throws IOException {
    if (!fingerprinter.fingerprint(stored.record()).equals(key.fingerprint())) {
      take(Kind.CHANGED, KeyScan.Listed.of(stored.head()), key.listed());
    }
  }

  private void take(Kind kind, KeyScan.@Nullable Listed before, KeyScan.@Nullable Listed after)
      throws IOException {
    taker.take(
        new Difference(
            kind, Optional.ofNullable(before), Optional.ofNullable(after), Optional.empty()));
  }
}
