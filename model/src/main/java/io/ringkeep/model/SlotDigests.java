package io.ringkeep.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The digests of all 16384 slots of a dataset, added to record by record.
///
/// Not thread-safe; each thread sums for itself and [#add(SlotDigests)] joins the sums.
public final class SlotDigests {
  private final SlotDigest[] digests = new SlotDigest[Slot.COUNT];

  /// Of an empty dataset.
  public SlotDigests() {
    Arrays.fill(digests, SlotDigest.EMPTY);
  }

  /// Adds a record's fingerprint to its slot.
  public void add(int slot, Fingerprint fingerprint) {
    digests[slot] = digests[slot].plus(fingerprint);
  }

  /// Takes a record's fingerprint from its slot.
  public void remove(int slot, Fingerprint fingerprint) {
    digests[slot] = digests[slot].minus(fingerprint);
  }

  /// Adds a whole slot's digest, or its change.
  public void add(int slot, SlotDigest digest) {
    digests[slot] = digests[slot].plus(digest);
  }

  /// Adds another dataset, slot by slot.
  public void add(SlotDigests other) {
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      digests[slot] = digests[slot].plus(other.digests[slot]);
    }
  }

  /// Digest of one slot.
  public SlotDigest get(int slot) {
    return digests[slot];
  }

  /// Digest of the whole dataset: the sum over its slots.
  public SlotDigest total() {
    SlotDigest total = SlotDigest.EMPTY;
    for (SlotDigest digest : digests) {
      total = total.plus(digest);
    }
    return total;
  }

  /// The slots whose digests differ, as ranges in order; empty if both datasets are equal.
  public List<SlotRange> differing(SlotDigests other) {
    List<Integer> slots = new ArrayList<>();
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      if (!digests[slot].equals(other.digests[slot])) {
        slots.add(slot);
      }
    }
    return SlotRange.covering(slots);
  }
}
