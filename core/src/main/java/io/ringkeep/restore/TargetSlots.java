package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;

/// Who serves the slots of a cluster while it is restored, which somebody may reshard meanwhile.
///
/// A slot's keys move with it, so what was sent before stays sent. What a primary refused because
/// its slot was leaving is to be sent to the one that has it when it has arrived.
final class TargetSlots {
  /// How long slots may be on their way before they are taken for stuck.
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final long PAUSE_MILLIS = 500;

  private final RestorePlan plan;
  private final Deadline deadline;
  private final Progress progress;
  private List<TargetServer> servers;
  private boolean followed;

  TargetSlots(RestorePlan plan, Deadline deadline, Progress progress) {
    this.plan = plan;
    this.deadline = deadline;
    this.progress = progress;
    this.servers = plan.servers();
  }

  /// The primaries and their slots, as they were found last.
  List<TargetServer> servers() {
    return servers;
  }

  /// True if slots were followed since the restore was planned.
  boolean followed() {
    return followed;
  }

  /// Slots that another primary serves by now than was found last. Their keys came with them, but
  /// servers of a cluster tell each other how long a key lives and not until when (`MIGRATE`), so
  /// expiries are some milliseconds off.
  BitSet changed() {
    return plan.topology().kind() == Topology.Kind.CLUSTER
        ? changed(discover())
        : new BitSet(Slot.COUNT);
  }

  private BitSet changed(Topology now) {
    BitSet changed = new BitSet(Slot.COUNT);
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      changed.set(slot, !owner(now.shards(), slot).equals(owner(shards(), slot)));
    }
    return changed;
  }

  private List<Shard> shards() {
    return servers.stream().map(TargetServer::shard).toList();
  }

  private static String owner(List<Shard> shards, int slot) {
    for (Shard shard : shards) {
      for (SlotRange range : shard.slots()) {
        if (range.contains(slot)) {
          return shard.id();
        }
      }
    }
    return "";
  }

  /// True if slots are on their way, or have another primary than was found last.
  boolean moved() {
    if (plan.topology().kind() != Topology.Kind.CLUSTER) {
      return false;
    }
    Topology now = discover();
    return !now.moves().isEmpty() || !changed(now).isEmpty();
  }

  /// Waits until these slots have arrived, and finds out where.
  ///
  /// @return slots that have another primary now than was found last
  /// @throws BackupException.Unavailable if they do not
  BitSet follow(BitSet slots) throws InterruptedException {
    progress.note(
        "slots of the target moved meanwhile, the restore follows them: slots=" + ranges(slots));
    long start = System.nanoTime();
    while (true) {
      deadline.check();
      Thread.sleep(PAUSE_MILLIS);
      Topology now = discover();
      BitSet moving = new BitSet(Slot.COUNT);
      now.moves().forEach(move -> moving.set(move.slots().first(), move.slots().last() + 1));
      moving.and(slots);
      if (moving.isEmpty() && now.unserved().isEmpty()) {
        BitSet changed = changed(now);
        followed = true;
        servers =
            now.shards().stream()
                .map(shard -> TargetServer.of(shard, plan.request().connection()))
                .toList();
        return changed;
      }
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new BackupException.Unavailable(
            "slots of the target do not arrive where they are moved to: slots=%s unserved=%s"
                .formatted(ranges(moving), now.unserved()),
            "all other slots are restored; end the move ('redis-cli --cluster check' shows it), then"
                + " restore again with --existing merge --delta, which sends what is missing",
            null);
      }
    }
  }

  private Topology discover() {
    return TopologyDiscovery.discover(plan.request().target(), plan.request().connection());
  }

  private static List<SlotRange> ranges(BitSet slots) {
    return SlotRange.covering(slots.stream().boxed().toList());
  }
}
