package io.ringkeep.backup;

import io.ringkeep.capture.FullRead;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Position;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.run.SlotSums;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Parallel;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/// Reads shards that were rolled forward and sums up what they hold, each key once, as a snapshot
/// of them would hold it. Stores nothing.
public final class RolledRead {
  private final Rolled rolled;
  private final Topology topology;
  private final ConnectionOptions connection;
  private final HashKey hashKey;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  /// @param rolled the servers
  public RolledRead(
      Rolled rolled,
      ConnectionOptions connection,
      HashKey hashKey,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.rolled = rolled;
    this.topology = rolled.topology();
    this.connection = connection;
    this.hashKey = hashKey;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// The digest of each slot.
  public SlotDigests run() throws IOException, InterruptedException {
    BitSet twice = new BitSet();
    while (true) {
      MovingSlots moving = MovingSlots.of(topology, twice);
      List<Callable<SlotSums>> reads = new ArrayList<>();
      for (Shard shard : topology.shards()) {
        reads.add(() -> read(shard, moving));
      }
      List<SlotSums> shards = Parallel.run("read", reads, deadline);
      twice = MovingSlots.heldTwice(shards);
      if (twice.isEmpty()) {
        SlotDigests all = new SlotDigests();
        shards.forEach(sums -> sums.addTo(all));
        moving.addTo(all);
        return all;
      }
      // Nobody writes to these servers: with those slots set aside none is left that two hold.
      twice.or(moving.slots());
    }
  }

  private SlotSums read(Shard shard, MovingSlots moving) throws IOException {
    SlotSums sums = new SlotSums();
    BitSet elsewhere = rolled.elsewhere(shard);
    try (Progress.Task task = progress.begin("reading shard " + shard.id(), OptionalLong.empty())) {
      FullRead.run(
          shard.primary().endpoint(),
          connection,
          hashKey,
          RateLimit.of(OptionalLong.empty()),
          deadline,
          clock,
          task,
          (position, fingerprint, record) -> {
            int slot = Position.slot(position);
            if (elsewhere.get(slot)) {
              return;
            }
            if (moving.contains(slot)) {
              moving.add(
                  position, fingerprint, record, MovingSlots.arrivesAt(shard, slot, topology));
            } else {
              sums.add(slot, fingerprint);
            }
          });
    }
    return sums;
  }
}
