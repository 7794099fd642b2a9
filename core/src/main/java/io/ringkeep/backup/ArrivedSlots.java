package io.ringkeep.backup;

import io.ringkeep.capture.FullRead;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import java.util.BitSet;
import java.util.List;

/// Slots that moved as a whole while shards were read, and have arrived: their keys count on the
/// shard that owns them now, and what is left of them elsewhere does not. However much they hold,
/// nothing of it has to be compared.
final class ArrivedSlots {
  private final BitSet slots = new BitSet(Slot.COUNT);

  /// A shard as it was planned, and what was read of it.
  record Read(Shard shard, FullRead.Dataset dataset) {}

  /// Takes those that moved as a whole out of slots that have moved.
  ///
  /// @param moved what turned out to have moved since `before`
  /// @param before as was planned
  /// @param reads what was read then
  /// @param after as it is now
  void takeFrom(BitSet moved, Topology before, List<Read> reads, Topology after) {
    BitSet whole = whole(before, reads, after);
    // Those that did not go on are where they were, whatever was read: it was of a replica, and
    // behind.
    BitSet stayed = (BitSet) slots.clone();
    stayed.andNot(MovingSlots.changedOwner(before, after));
    whole.or(stayed);
    BitSet byThemselves = MovingSlots.moving(after, /* whole= */ false);
    whole.and(moved);
    whole.andNot(byThemselves);
    moved.andNot(whole);
    slots.or(whole);
    slots.andNot(moved);
    slots.andNot(byThemselves);
  }

  /// Those, and what else is told to be moving as a whole: of a snapshot that was taken then a log
  /// can't go on, for it has none of the keys that had come already.
  BitSet andMoving(Topology before, List<Read> reads, Topology after) {
    BitSet all = whole(before, reads, after);
    all.or(slots);
    return all;
  }

  /// Slots with another owner than was planned that moved as a whole, or may have: if one side was
  /// read before they came and the other after they had gone, all of their keys are missing.
  BitSet changedAsAWhole(Topology before, List<Read> reads, Topology after) {
    BitSet changed = MovingSlots.changedOwner(before, after);
    BitSet known = whole(before, reads, after);
    if (after.servers().stream().anyMatch(server -> server.engine().hasAtomicSlotMigration())) {
      // One that begins and ends between two looks shows in neither.
      BitSet unseen = (BitSet) changed.clone();
      unseen.andNot(MovingSlots.moving(before, /* whole= */ false));
      known.or(unseen);
    }
    changed.and(known);
    return changed;
  }

  private static BitSet whole(Topology before, List<Read> reads, Topology after) {
    BitSet whole = MovingSlots.moving(before, /* whole= */ true);
    whole.or(MovingSlots.moving(after, /* whole= */ true));
    reads.forEach(read -> whole.or(slots(read.dataset().arriving())));
    return whole;
  }

  /// Whether a slot's keys count on another shard than this one.
  boolean areElsewhere(Shard shard, int slot) {
    return slots.get(slot) && shard.slots().stream().noneMatch(range -> range.contains(slot));
  }

  /// Slots that had not arrived yet in what was read of their owner: it was a replica, and behind.
  ///
  /// @param others that have moved
  BitSet missedIn(List<Read> reads, BitSet others) {
    BitSet missed = new BitSet(Slot.COUNT);
    for (Read read : reads) {
      BitSet owned = slots(read.shard().slots());
      BitSet arriving = slots(read.dataset().arriving());
      arriving.and(owned);
      missed.or(arriving);
      Server primary = read.shard().primary();
      if (!read.dataset().replid().equals(primary.replid())
          || read.dataset().offset() < primary.offset()) {
        BitSet moved = (BitSet) slots.clone();
        moved.or(others);
        owned.and(moved);
        missed.or(owned);
      }
    }
    return missed;
  }

  private static BitSet slots(List<SlotRange> ranges) {
    BitSet slots = new BitSet(Slot.COUNT);
    ranges.forEach(range -> slots.set(range.first(), range.last() + 1));
    return slots;
  }
}
