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
import java.util.Optional;

/// A run that can be read: what the manifest says of it, and its index.
public record StoredRun(RunDescriptor descriptor, RunIndex index) {

  /// Reads a run's index.
  ///
  /// @param sums what the run changes in each slot's digest is added to it
  /// @throws CorruptData if the index is missing, damaged, or not the one the manifest means
  public static StoredRun open(SealedObjects objects, RunDescriptor descriptor, SlotSums sums)
      throws IOException {
    ByteBuffer content = read(objects, descriptor);
    return of(descriptor, RunIndex.decode(content, descriptor.index().name(), sums));
  }

  /// The same for whoever looks for single keys.
  public static StoredRun openPlaces(SealedObjects objects, RunDescriptor descriptor)
      throws IOException {
    ByteBuffer content = read(objects, descriptor);
    return of(descriptor, RunIndex.decodePlaces(content, descriptor.index().name()));
  }

  private static ByteBuffer read(SealedObjects objects, RunDescriptor descriptor)
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
    return content.flip();
  }

  private static StoredRun of(RunDescriptor descriptor, RunIndex index) {
    if (index.records() != descriptor.records()
        || index.tombstones() != descriptor.tombstones()
        || index.objects() != descriptor.objects().size()) {
      throw new CorruptData(
          "run index and manifest differ: object=%s expected=%d actual=%d"
              .formatted(descriptor.index().name(), descriptor.records(), index.records()),
          RunFormat.HINT,
          null);
    }
    return new StoredRun(descriptor, index);
  }

  /// The slots whose entries lie in one data object, or may. Reading any others touches it not.
  ///
  /// @param number of the object
  public SlotRange slots(int number) {
    int first = Position.slot(index.position(index.firstBlock(number)));
    int last =
        number + 1 < index.objects()
            ? Position.slot(index.position(index.firstBlock(number + 1)))
            : Position.slot(index.lastPosition());
    return RunFormat.RingRange.of(descriptor.objects().get(number).name())
        .map(range ->
            new SlotRange(
                startsRange(number) ? range.firstSlot() : first,
                endsRange(number) ? range.lastSlot() : last))
        .orElse(new SlotRange(first, last));
  }

  private boolean startsRange(int number) {
    return number == 0 || !range(number - 1).equals(range(number));
  }

  private boolean endsRange(int number) {
    return number + 1 == index.objects() || !range(number + 1).equals(range(number));
  }

  private Optional<RunFormat.RingRange> range(int number) {
    return RunFormat.RingRange.of(descriptor.objects().get(number).name());
  }

  /// The block from which on entries at `position` may lie. Where data is split by ranges of the
  /// ring, it is never one of a range that ends before: that may be lost.
  int seek(long position) {
    int block = index.seek(position);
    boolean ended =
        block < index.blocks()
            && RunFormat.RingRange.of(object(block))
                .filter(range -> range.endsBefore(Position.slot(position)))
                .isPresent();
    return ended ? index.firstBlock(index.object(block) + 1) : block;
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
