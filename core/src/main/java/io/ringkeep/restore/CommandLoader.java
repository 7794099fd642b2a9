package io.ringkeep.restore;

import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// Loads what a plan selects of a snapshot into a lane's servers.
final class CommandLoader {
  private static final long PROGRESS_RECORDS = 4096;

  private final RestorePlan plan;
  private final Repository repository;
  private final RateLimit limit;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  CommandLoader(
      RestorePlan plan,
      Repository repository,
      RateLimit limit,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.plan = plan;
    this.repository = repository;
    this.limit = limit;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// What a load came to.
  ///
  /// @param fed the snapshot's own digests, and how many records were sent
  /// @param elsewhere slots of the target whose primary did not take them, since it does not serve
  ///   them any more: some of their records are missing
  record Loaded(SnapshotFeed.Fed fed, BitSet elsewhere) {}

  /// Sends the lane's records to the primaries that own their slots; the hottest first, if the plan
  /// knows any.
  ///
  /// @param kept which of them, counted in the lane's order, are not sent, since the target has
  ///   keys of their names that stay
  Loaded load(Lane lane, BitSet kept, SnapshotFeed.Check check) throws IOException {
    OptionalLong bytes = plan.request().options().delta() ? OptionalLong.empty() : lane.bytes(plan);
    try (Lines lines = new Lines(lane, bytes)) {
      Sending sending = new Sending(lines, kept);
      Predicate<Record> cold = _ -> true;
      if (plan.hot().isPresent()) {
        HotKeys hot = plan.hot().get();
        lines.task.phase("sending the hottest keys");
        sending.feed(hot::includes, SnapshotFeed.Check.COUNTS);
        lines.writers.forEach(TargetWriter::flush);
        progress.note("%s: the hottest %d keys are there".formatted(lane, sending.records));
        cold = record -> !hot.includes(record);
      }
      lines.task.phase("sending");
      SnapshotFeed.Fed fed = sending.feed(cold, check);
      BitSet elsewhere = lines.finish();
      lines.writers.forEach(TargetWriter::requireNoneExisted);
      return new Loaded(sending.plain ? fed : sending.sent(fed.digests()), elsewhere);
    }
  }

  /// Sends those of the lane's records once more that belong to some slots of the target. What is
  /// there already may be theirs, or came with the slot: it is replaced only where keys may be.
  ///
  /// @return as of a load: slots that moved on meanwhile
  BitSet follow(Lane lane, BitSet kept, BitSet slots) throws IOException {
    try (Lines lines = new Lines(lane, OptionalLong.empty())) {
      lines.task.phase("sending what belongs to slots that moved");
      new Sending(lines, kept)
          .feed(record -> slots.get(Slot.of(record.key())), SnapshotFeed.Check.COUNTS);
      return lines.finish();
    }
  }

  private TargetWriter writer(Endpoint endpoint) {
    RestoreRequest request = plan.request();
    return new TargetWriter(
        endpoint,
        request.connection(),
        plan.crossing().ability(),
        request.options().conflict() == Conflict.REPLACE,
        deadline,
        clock);
  }

  /// Connections to all servers of a lane.
  private final class Lines implements AutoCloseable {
    private final Lane lane;
    private final Progress.Task task;
    private final List<TargetWriter> writers = new ArrayList<>();

    /// @param bytes how many are sent, about, if that is known
    Lines(Lane lane, OptionalLong bytes) {
      this.lane = lane;
      this.task = progress.begin(lane.toString(), bytes);
      try {
        lane.servers().forEach(server -> writers.add(writer(server.shard().primary().endpoint())));
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    /// @return slots whose records were not all taken
    BitSet finish() {
      BitSet elsewhere = new BitSet();
      for (TargetWriter writer : writers) {
        writer.flush();
        writer.requireTaken();
        elsewhere.or(writer.elsewhere());
      }
      return elsewhere;
    }

    @Override
    public void close() {
      writers.forEach(TargetWriter::close);
      task.close();
    }
  }

  private final class Sending {
    private final Lines lines;
    private final BitSet kept;
    private final Shaping shaping = plan.shaping(repository.hashKey());
    private final boolean plain =
        shaping.plain()
            && !plan.crossing().loses()
            && !plan.request().options().delta()
            && plan.request().options().conflict() == Conflict.REPLACE;
    private final long nowMillis = clock.millis();
    private final long inAnHour = nowMillis + Duration.ofHours(1).toMillis();
    private int ordinal;
    private long records;
    private long bytes;
    private long expired;
    private long expiringWithinHour;
    private long reportedRecords;
    private long reportedBytes;

    Sending(Lines lines, BitSet kept) {
      this.lines = lines;
      this.kept = kept;
    }

    /// Reads the lane's part of the snapshot and sends what is `wanted` of it.
    SnapshotFeed.Fed feed(Predicate<Record> wanted, SnapshotFeed.Check check) throws IOException {
      ordinal = 0;
      SnapshotFeed.Fed fed =
          SnapshotFeed.feed(
              repository,
              plan.manifest(),
              lines.lane.slots(),
              clock,
              check,
              record -> send(record, wanted));
      report();
      return fed;
    }

    private void send(Record original, Predicate<Record> wanted) throws IOException {
      Record record = shaping.of(original);
      if (record == null || kept.get(ordinal++) || !wanted.test(record)) {
        return;
      }
      int size = record.key().remaining() + record.value().remaining();
      limit.await(size);
      if (!lines.writers.get(lines.lane.owner(record.key())).write(record)) {
        return;
      }
      records++;
      bytes += size;
      if (record.expiredAt(nowMillis)) {
        expired++;
      } else if (record.expiredAt(inAnHour)) {
        expiringWithinHour++;
      }
      if (records - reportedRecords == PROGRESS_RECORDS) {
        report();
      }
    }

    private void report() {
      lines.task.advance(bytes - reportedBytes, records - reportedRecords);
      reportedBytes = bytes;
      reportedRecords = records;
    }

    SnapshotFeed.Fed sent(SlotDigests digests) {
      return new SnapshotFeed.Fed(digests, records, bytes, expired, expiringWithinHour);
    }
  }
}
