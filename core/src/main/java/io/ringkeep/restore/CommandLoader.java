package io.ringkeep.restore;

import io.ringkeep.model.Record;
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

  /// Sends the lane's records to the primaries that own their slots.
  ///
  /// @param kept which of them, counted in the lane's order, are not sent, since the target has
  ///   keys of their names that stay
  /// @return the snapshot's own digests, and how many records were sent
  SnapshotFeed.Fed load(Lane lane, BitSet kept, SnapshotFeed.Check check) throws IOException {
    List<TargetWriter> writers = new ArrayList<>();
    try (Progress.Task task = progress.begin(lane.toString(), OptionalLong.empty())) {
      for (TargetServer server : lane.servers()) {
        writers.add(writer(server.shard().primary().endpoint()));
      }
      task.phase("sending");
      Sending sending = new Sending(lane, writers, kept, task);
      SnapshotFeed.Fed fed =
          SnapshotFeed.feed(repository, plan.manifest(), lane.slots(), clock, check, sending::send);
      writers.forEach(TargetWriter::finish);
      sending.report();
      return sending.plain ? fed : sending.sent(fed.digests());
    } finally {
      writers.forEach(TargetWriter::close);
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

  private final class Sending {
    private final Lane lane;
    private final List<TargetWriter> writers;
    private final BitSet kept;
    private final Progress.Task task;
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

    Sending(Lane lane, List<TargetWriter> writers, BitSet kept, Progress.Task task) {
      this.lane = lane;
      this.writers = writers;
      this.kept = kept;
      this.task = task;
    }

    void send(Record original) throws IOException {
      Record record = shaping.of(original);
      if (record == null || kept.get(ordinal++)) {
        return;
      }
      int size = record.key().remaining() + record.value().remaining();
      limit.await(size);
      if (!writers.get(lane.owner(record.key())).write(record)) {
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

    void report() {
      task.advance(bytes - reportedBytes, records - reportedRecords);
      reportedBytes = bytes;
      reportedRecords = records;
    }

    SnapshotFeed.Fed sent(SlotDigests digests) {
      return new SnapshotFeed.Fed(digests, records, bytes, expired, expiringWithinHour);
    }
  }
}
