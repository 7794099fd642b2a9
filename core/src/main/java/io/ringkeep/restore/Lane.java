package io.ringkeep.restore;

import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.placement.ring.KeyRing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Slots of a snapshot that one thread feeds, and the servers that their records go to.
///
/// One for each shard of the target, or a single one for all where renamed keys change their slot,
/// or a ring says whose a key is. Feeding a lane gives the same records in the same order each
/// time.
///
/// @param ring that the servers stand on, if they do
record Lane(List<SlotRange> slots, List<TargetServer> servers, Optional<KeyRing> ring) {
  /// Those of a plan, before any slot of the target has moved.
  static List<Lane> of(RestorePlan plan) {
    List<TargetServer> servers = plan.servers();
    Optional<KeyRing> ring = plan.request().target().ring().map(KeyRing::new);
    if (ring.isPresent() || (servers.size() > 1 && !plan.request().options().renames().isEmpty())) {
      return List.of(new Lane(plan.slots(), servers, ring));
    }
    return servers.stream()
        .map(
            server -> new Lane(common(server.shard().slots(), plan.slots()), List.of(server), ring))
        .toList();
  }

  /// About how many of the plan's bytes are its own: slots are much alike.
  OptionalLong bytes(RestorePlan plan) {
    long mine = slots.stream().mapToLong(SlotRange::slotCount).sum();
    long all = plan.slots().stream().mapToLong(SlotRange::slotCount).sum();
    return all == 0 ? OptionalLong.empty() : OptionalLong.of(plan.bytes() * mine / all);
  }

  /// The same records in the same order, for whoever serves their slots now.
  Lane to(List<TargetServer> others) {
    return new Lane(slots, others, ring);
  }

  /// Slots of both, each list being apart and in order.
  private static List<SlotRange> common(List<SlotRange> some, List<SlotRange> others) {
    List<SlotRange> common = new ArrayList<>();
    for (SlotRange one : some) {
      for (SlotRange other : others) {
        int first = Math.max(one.first(), other.first());
        int last = Math.min(one.last(), other.last());
        if (first <= last) {
          common.add(new SlotRange(first, last));
        }
      }
    }
    return common;
  }

  /// Index of the server that the key belongs to.
  int owner(ByteBuffer key) {
    if (servers.size() == 1) {
      return 0;
    }
    if (ring.isPresent()) {
      return ring.get().owner(key);
    }
    int slot = Slot.of(key);
    for (int i = 0; i < servers.size(); i++) {
      if (servers.get(i).shard().slots().stream().anyMatch(range -> range.contains(slot))) {
        return i;
      }
    }
    throw new IllegalStateException("a plan has every slot served: slot=" + slot);
  }

  @Override
  public String toString() {
    return servers.size() == 1
        ? "target %s slots %s".formatted(servers.getFirst().shard().primary().endpoint(), slots)
        : "target of %d shards, slots %s".formatted(servers.size(), slots);
  }
}
