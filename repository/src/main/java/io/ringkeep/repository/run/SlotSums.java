package io.ringkeep.repository.run;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigest;
import io.ringkeep.model.SlotDigests;

/// What a run adds to each slot's digest, summed record by record without garbage.
///
/// The primitive twin of [io.ringkeep.model.SlotDigests]. Not thread-safe.
public final class SlotSums {
  private final long[] records = new long[Slot.COUNT];
  private final long[] high = new long[Slot.COUNT];
  private final long[] low = new long[Slot.COUNT];

  /// Adds a record's fingerprint to its slot.
  public void add(int slot, Fingerprint fingerprint) {
    add(slot, 1, fingerprint.high(), fingerprint.low());
  }

  /// Adds a change of a slot: a count, negative if records go, and a sum modulo 2^128.
  void add(int slot, long recordChange, long highChange, long lowChange) {
    long sum = low[slot] + lowChange;
    long carry = Long.compareUnsigned(sum, lowChange) < 0 ? 1 : 0;
    records[slot] += recordChange;
    high[slot] += highChange + carry;
    low[slot] = sum;
  }

  /// True if the slot's digest is another than before.
  boolean touched(int slot) {
    return records[slot] != 0 || high[slot] != 0 || low[slot] != 0;
  }

  /// How many slots have another digest than before.
  int touched() {
    int count = 0;
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      count += touched(slot) ? 1 : 0;
    }
    return count;
  }

  /// The sum of one slot.
  public SlotDigest get(int slot) {
    return new SlotDigest(records[slot], high[slot], low[slot]);
  }

  /// Adds all sums to `digests`.
  public void addTo(SlotDigests digests) {
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      if (touched(slot)) {
        digests.add(slot, get(slot));
      }
    }
  }

  /// Takes the sums of the slots from `from`, inclusive, to `to`, exclusive, out of another's and
  /// adds them here.
  void move(SlotSums other, int from, int to) {
    for (int slot = from; slot < to; slot++) {
      add(slot, other.records[slot], other.high[slot], other.low[slot]);
      other.records[slot] = 0;
      other.high[slot] = 0;
      other.low[slot] = 0;
    }
  }

  /// Adds another dataset's sums, slot by slot.
  public void add(SlotSums other) {
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      add(slot, other.records[slot], other.high[slot], other.low[slot]);
    }
  }
}
