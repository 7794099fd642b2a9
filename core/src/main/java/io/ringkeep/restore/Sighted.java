package io.ringkeep.restore;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.command.Lens;

/// Sums up records as a target can hold them, without those that expire until a cut: a primary
/// drops keys and fields by itself while it is loaded and read.
final class Sighted {
  private final long cutMillis;
  private final Lens lens;

  Sighted(Ability ability, long cutMillis, HashKey key) {
    this.cutMillis = cutMillis;
    this.lens = new Lens(ability, cutMillis, key);
  }

  void add(long position, Fingerprint fingerprint, Record record, SlotDigests sum) {
    if (!record.expiredAt(cutMillis)) {
      lens.fingerprint(record, fingerprint)
          .ifPresent(seen -> sum.add(Position.slot(position), seen));
    }
  }
}
