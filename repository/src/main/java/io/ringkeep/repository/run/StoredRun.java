package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Position;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.ObjectReader;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.object.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A run that can be read: what the manifest says of it, and its index.
public record StoredRun(RunDescriptor descriptor, RunIndex index) {

  /// Reads a run's index.
  ///
  /// @param sums what the run changes in each slot's digest is added to it
  /// @throws CorruptData if the index is missing, damaged, or not the one the manifest means
  public static StoredRun open(SealedObjects objects, RunDescriptor descriptor, SlotSums sums)
      throws IOException {
    String name = descriptor.index().name();
    long bytes = descriptor.index().storedBytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new CorruptData("run index is too large: object=" + name, RunFormat.HINT, null);
    }
    ByteBuffer content = ByteBuffer.allocate((int) bytes);
    StoredObject stored =
        objects.open(name, ObjectKind.RUN_INDEX).readAll(part -> append(content, part));
    if (!stored.equals(descriptor.index())) {
      throw mismatch(name, descriptor.index().sha256(), stored.sha256());
    }
    RunIndex index = RunIndex.decode(content.flip(), name, sums);
    if (index.records() != descriptor.records()
        || index.tombstones() != descriptor.tombstones()
        || index.objects() != descriptor.objects().size()) {
      throw new CorruptData(
          "run index and manifest differ: object=%s expected=%d actual=%d"
              .formatted(name, descriptor.records(), index.records()),
          RunFormat.HINT,
          null);
    }
    return new StoredRun(descriptor, index);
  }

  /// The slots whose entries lie in one data object, or may.
  ///
  /// @param number of the object
  /// @param sums of this run alone
  public SlotRange slots(int number, SlotSums sums) {
    int first = Position.slot(index.position(index.firstBlock(number)));
    if (number + 1 == index.objects()) {
      return new SlotRange(first, Position.slot(index.lastPosition()));
    }
    int end = index.firstBlock(number + 1);
    int next = Position.slot(index.position(end));
    long entries = 0;
    for (int block = 0; block < end; block++) {
      entries += index.entries(block);
    }
    long before = 0;
    for (int slot = 0; slot < next; slot++) {
      before += sums.get(slot).records();
    }
    // Where nothing is declared gone, sums count entries: the next object may begin with a slot.
    boolean beginsSlot = index.tombstones() == 0 && entries == before && next > first;
    return new SlotRange(first, beginsSlot ? lastTouched(next - 1, first, sums) : next);
  }

  private static int lastTouched(int from, int first, SlotSums sums) {
    int slot = from;
    while (slot > first && sums.get(slot).records() == 0) {
      slot--;
    }
    return slot;
  }

  /// Name of the data object that a block lies in.
  String object(int block) {
    return descriptor.objects().get(index.object(block)).name();
  }

  /// Opens a data object, which must be the one the manifest means.
  ///
  /// @throws CorruptData if it is missing, or another
  ObjectReader openData(SealedObjects objects, int number) throws IOException {
    StoredObject expected = descriptor.objects().get(number);
    ObjectReader reader = objects.open(expected.name(), ObjectKind.RUN_DATA);
    String actual = reader.storedDigest();
    if (!actual.equals(expected.sha256())) {
      throw mismatch(expected.name(), expected.sha256(), actual);
    }
    return reader;
  }

  /// What to throw when an object is not the one the manifest means.
  static CorruptData mismatch(String name, String expected, String actual) {
    return new CorruptData(
        "object hash mismatch: object=%s expected=%s actual=%s".formatted(name, expected, actual),
        RunFormat.HINT,
        null);
  }

  /// Where a block lies.
  BlockPlace place(int block) {
    return new BlockPlace(object(block), index.offset(block), block);
  }

  private static void append(ByteBuffer content, ByteBuffer part) {
    // An object that is longer than the manifest says is found out by its digest.
    content.put(part.limit(part.position() + Math.min(part.remaining(), content.remaining())));
  }
}
