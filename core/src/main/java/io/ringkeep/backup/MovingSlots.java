package io.ringkeep.backup;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordOrder;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.repository.run.SlotSums;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// Slots that more than one shard may hold keys of while they are moved, and the records found in
/// them.
///
/// Both sides are read, and where both have a key the importing side's wins: it is the one that
/// took the writes. The records wait here until all shards have been read. A slot is small, and few
/// move at once, so they wait on the heap, up to [#MOST_BYTES]. Those that move as a whole are not
/// among them: their keys count on one side, and each shard knows whether on its own.
final class MovingSlots {
  private static final long MOST_BYTES = 64L << 20;

  private static final Comparator<Held> ORDER =
      (one, two) ->
          RecordOrder.compare(
              one.position,
              one.record.database(),
              one.record.key(),
              two.position,
              two.record.database(),
              two.record.key());

  /// A record of one side.
  private record Held(long position, Fingerprint fingerprint, Record record, boolean arriving) {}

  private final BitSet slots;
  private final TreeMap<Held, Held> held = new TreeMap<>(ORDER);
  private long bytes;

  private MovingSlots(BitSet slots) {
    this.slots = slots;
  }

  /// Those that a topology shows as moving key by key, and others that are known to.
  static MovingSlots of(Topology topology, BitSet others) {
    BitSet slots = (BitSet) others.clone();
    slots.or(moving(topology, /* whole= */ false));
    return new MovingSlots(slots);
  }

  /// Those that a topology shows as moving, as a whole or key by key.
  static BitSet moving(Topology topology, boolean whole) {
    BitSet slots = new BitSet(Slot.COUNT);
    topology.moves().stream()
        .filter(move -> move.whole() == whole)
        .forEach(move -> slots.set(move.slots().first(), move.slots().last() + 1));
    return slots;
  }

  /// Slots with another owner in one topology than in the other.
  static BitSet changedOwner(Topology before, Topology after) {
    BitSet changed = new BitSet(Slot.COUNT);
    String[] ownersBefore = owners(before);
    String[] ownersAfter = owners(after);
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      if (!ownersBefore[slot].equals(ownersAfter[slot])) {
        changed.set(slot);
      }
    }
    return changed;
  }

  private static String[] owners(Topology topology) {
    String[] owners = new String[Slot.COUNT];
    Arrays.fill(owners, "");
    for (Shard shard : topology.shards()) {
      for (SlotRange range : shard.slots()) {
        Arrays.fill(owners, range.first(), range.last() + 1, shard.id());
      }
    }
    return owners;
  }

  boolean contains(int slot) {
    return slots.get(slot);
  }

  BitSet slots() {
    return (BitSet) slots.clone();
  }

  /// Slots as ranges in order.
  static List<SlotRange> ranges(BitSet slots) {
    return SlotRange.covering(slots.stream().boxed().toList());
  }

  /// True if a slot's keys are arriving at a shard, or have arrived there.
  static boolean arrivesAt(Shard shard, int slot, Topology topology) {
    for (Topology.SlotMove move : topology.moves()) {
      if (!move.whole() && move.slots().contains(slot)) {
        return move.to().equals(shard.id());
      }
    }
    return shard.slots().stream().anyMatch(range -> range.contains(slot));
  }

  /// Keeps a copy of a record of one side.
  ///
  /// @throws BackupException.Unavailable if too much waits here
  synchronized void add(long position, Fingerprint fingerprint, Record record, boolean arriving) {
    Held mine = new Held(position, fingerprint, record.copy(), arriving);
    Held other = held.get(mine);
    if (other != null && other.arriving) {
      return;
    }
    if (other == null) {
      bytes += record.key().remaining() + record.value().remaining();
    }
    held.remove(mine);
    held.put(mine, mine);
    if (bytes > MOST_BYTES) {
      throw new BackupException.Unavailable(
          "too much data is in slots that are being moved: bytes>%d slots=%s"
              .formatted(MOST_BYTES, ranges(slots)),
          "wait until the resharding has ended, and run it again",
          null);
    }
  }

  /// Slots of which more than one shard has records.
  static BitSet heldTwice(List<SlotSums> shards) {
    BitSet once = new BitSet(Slot.COUNT);
    BitSet twice = new BitSet(Slot.COUNT);
    for (SlotSums shard : shards) {
      for (int slot = 0; slot < Slot.COUNT; slot++) {
        if (shard.get(slot).records() > 0) {
          (once.get(slot) ? twice : once).set(slot);
        }
      }
    }
    return twice;
  }

  /// Adds what waits here to `digests`, each key once.
  void addTo(SlotDigests digests) {
    for (Held record : held.values()) {
      digests.add(Position.slot(record.position), record.fingerprint);
    }
  }

  /// Writes what waits here, each key once.
  void writeTo(ShardWriter writer) throws IOException {
    for (Held record : held.values()) {
      writer.accept(record.position, record.fingerprint, record.record);
    }
  }
}
