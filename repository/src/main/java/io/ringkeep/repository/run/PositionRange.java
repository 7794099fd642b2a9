package io.ringkeep.repository.run;

import io.ringkeep.model.Position;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/// A part of the ring, both ends included, unsigned.
record PositionRange(long first, long last) {

  /// The fewest ranges that hold exactly `slots`, in order.
  static List<PositionRange> of(Collection<SlotRange> slots) {
    BitSet wanted = new BitSet(Slot.COUNT);
    for (SlotRange range : slots) {
      wanted.set(range.first(), range.last() + 1);
    }
    List<PositionRange> ranges = new ArrayList<>();
    for (int from = wanted.nextSetBit(0); from >= 0; ) {
      int to = wanted.nextClearBit(from);
      ranges.add(new PositionRange(Position.first(from), Position.last(to - 1)));
      from = wanted.nextSetBit(to);
    }
    return ranges;
  }
}
