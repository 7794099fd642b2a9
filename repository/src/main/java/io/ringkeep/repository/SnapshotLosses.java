package io.ringkeep.repository;

import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.run.SlotSums;
import io.ringkeep.repository.run.StoredRun;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// What of a snapshot can't be had, because data objects are gone: with `shard:N` what a lost node
/// held, otherwise what has lost more pieces than it may.
///
/// Slots are named whole. The rest is restored by reading [#readable] alone, and is as complete and
/// as proven as if nothing were lost.
///
/// @param objects names of data objects of which too little is left, or answers
/// @param slots that they hold entries of
/// @param keys number of the snapshot's records in those slots
/// @param readable all other slots
public record SnapshotLosses(
    List<String> objects, List<SlotRange> slots, long keys, List<SlotRange> readable) {
  /// Nothing is lost.
  public static final SnapshotLosses NONE =
      new SnapshotLosses(List.of(), List.of(), 0, List.of(SlotRange.ALL));

  public SnapshotLosses {
    objects = List.copyOf(objects);
    slots = List.copyOf(slots);
    readable = List.copyOf(readable);
  }

  /// Whether all of it can be had.
  public boolean none() {
    return objects.isEmpty();
  }

  /// Asks for every data object that the snapshot needs whether it could be read.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if an index is missing or damaged, which
  ///   has copies
  static SnapshotLosses of(Repository repository, Manifest manifest, SlotDigests digests)
      throws IOException {
    ObjectStore store = repository.store();
    List<String> objects = new ArrayList<>();
    BitSet lost = new BitSet(Slot.COUNT);
    for (RunDescriptor run : manifest.runs()) {
      List<Integer> gone = new ArrayList<>();
      for (int number = 0; number < run.objects().size(); number++) {
        if (!store.readable(run.objects().get(number).name())) {
          gone.add(number);
        }
      }
      if (!gone.isEmpty()) {
        StoredRun stored = StoredRun.open(repository.objects(), run, new SlotSums());
        for (int number : gone) {
          objects.add(run.objects().get(number).name());
          SlotRange slots = stored.slots(number);
          lost.set(slots.first(), slots.last() + 1);
        }
      }
    }
    long keys = 0;
    for (int slot = lost.nextSetBit(0); slot >= 0; slot = lost.nextSetBit(slot + 1)) {
      keys += digests.get(slot).records();
    }
    BitSet readable = new BitSet(Slot.COUNT);
    readable.set(0, Slot.COUNT);
    readable.andNot(lost);
    return new SnapshotLosses(objects, ranges(lost), keys, ranges(readable));
  }

  private static List<SlotRange> ranges(BitSet slots) {
    return SlotRange.covering(slots.stream().boxed().toList());
  }
}
