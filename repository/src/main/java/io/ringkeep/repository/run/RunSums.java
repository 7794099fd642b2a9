package io.ringkeep.repository.run;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.SlotDigest;

/// What a run changes in the slots' digests, and what its own records add up to.
///
/// Both are the same for a full backup's run. Where a record replaces an older one, or a key is
/// gone, the older fingerprint is taken from the slot; the sum of the run's own records lets it be
/// checked without the older runs. Not thread-safe.
public final class RunSums {
  private final SlotSums changes = new SlotSums();
  private SlotDigest records = SlotDigest.EMPTY;

  /// Of a run that changes no digest: it stands for the same records as the runs it was made from.
  public RunSums() {}

  /// What the run changes, slot by slot.
  public SlotSums changes() {
    return changes;
  }

  /// Number of the run's records and the sum of their fingerprints.
  SlotDigest records() {
    return records;
  }

  /// Adds a record whose key no older run has.
  public void add(int slot, Fingerprint fingerprint) {
    records = records.plus(fingerprint);
    changes.add(slot, fingerprint);
  }

  /// Adds a record of a run that others were merged into: what it changes comes from these.
  void hold(Fingerprint fingerprint) {
    records = records.plus(fingerprint);
  }

  /// Takes the fingerprint of an older run's record from its slot.
  public void remove(int slot, Fingerprint older) {
    SlotDigest negative = SlotDigest.EMPTY.minus(older);
    changes.add(slot, negative.records(), negative.high(), negative.low());
  }
}
