package io.ringkeep.recover;

import io.ringkeep.history.Base;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.stream.SlotImports;
import io.ringkeep.redis.stream.SlotImports.Arrival;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Tells on which of several shards that were rolled forward the keys count of slots that Valkey 9
/// moved as a whole.
/* Until the importing side's log says that a slot has arrived, its keys count where they were, however many have
 * come; from there on those that are left on the other side do not count any more. Both is said by the importing
 * side alone, so arrivals are counted up: a shard from which a slot went once more than it came has not got it. An
 * arrival that the shard's base shows already is none that happened to it since.
 */
public final class WholeMoves {
  private final Optional<SlotMap> map;
  private final Map<String, BitSet> elsewhere = new HashMap<>();
  private final Map<String, BitSet> known = new HashMap<>();
  private boolean settled = true;

  /// A shard at its cut.
  ///
  /// @param imports what its log tells behind the base, up to the cut
  public record Side(Cut cut, SlotImports imports) {}

  /// @param sides by the name of the shard's log
  /// @param map how slots were served, as was seen last by then
  public WholeMoves(Map<String, Side> sides, Optional<SlotMap> map) {
    this.map = map;
    sides.forEach((shard, side) -> {
      BitSet arriving = side.imports().arriving();
      settled &= arriving.isEmpty();
      BitSet both = (BitSet) arriving.clone();
      side.imports().arrivals().forEach(arrival -> both.or(arrival.slots()));
      known.put(shard, both);
      int[] gone = gone(shard, side, sides);
      for (int slot = 0; slot < Slot.COUNT; slot++) {
        if (gone[slot] > 0) {
          arriving.set(slot);
        }
        settled &= gone[slot] >= 0 || served(shard).get(slot);
      }
      elsewhere.put(shard, arriving);
    });
  }

  /// How many times more each slot went away from a shard than it came to it.
  private int[] gone(String shard, Side side, Map<String, Side> sides) {
    int[] gone = new int[Slot.COUNT];
    side.imports()
        .arrivals()
        .forEach(arrival -> arrival.slots().stream().forEach(slot -> gone[slot]--));
    List<String> members = members(shard);
    for (Side other : sides.values()) {
      for (Arrival arrival : other.imports().arrivals()) {
        if (members.contains(arrival.source()) && !shows(side.cut().base(), other.cut(), arrival)) {
          arrival.slots().stream().forEach(slot -> gone[slot]++);
        }
      }
    }
    return gone;
  }

  private static boolean shows(Base base, Cut other, Arrival arrival) {
    return base.manifest().shards().stream()
        .anyMatch(shard ->
            shard.offset() >= arrival.end()
                && other.stretch().holds(shard.replid(), shard.offset()));
  }

  private List<String> members(String shard) {
    return map.flatMap(all -> all.shard(shard)).map(MappedShard::members).orElse(List.of());
  }

  private BitSet served(String shard) {
    BitSet slots = new BitSet(Slot.COUNT);
    map.flatMap(all -> all.shard(shard))
        .filter(MappedShard::serves)
        .ifPresent(mapped ->
            Base.slots(mapped.slots())
                .forEach(range -> slots.set(range.first(), range.last() + 1)));
    return slots;
  }

  /// Slots whose keys, if the shard has any, count on another one.
  public BitSet elsewhere(String shard) {
    return elsewhere.getOrDefault(shard, new BitSet());
  }

  /// What of a move the logs do not tell: slots that may have keys on both sides.
  List<SlotRange> others(SlotMap.Move move) {
    BitSet told = known.getOrDefault(move.to(), new BitSet());
    return SlotRange.covering(
        Base.slots(move.slots()).stream()
            .flatMapToInt(range -> IntStream.rangeClosed(range.first(), range.last()))
            .filter(slot -> !told.get(slot))
            .boxed()
            .toList());
  }

  /// Whether no slot is arriving, and all that have arrived were seen to be served where they are.
  boolean settled() {
    return settled;
  }
}
