package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.RecordOrder;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigest;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.ObjectReader;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.object.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads every byte of runs and compares everything that can be compared, going on where something
/// is wrong.
///
/// Used by one thread; its buffers serve one run after the other.
public final class RunVerifier implements AutoCloseable {
  /*
   * An object is read whole, so that its digest is compared, and its blocks are opened from memory. Only if that fails
   * is it read again block by block, to learn which of them are lost.
   */

  /// What a record means, as a number: supplied by whoever can read values.
  @FunctionalInterface
  public interface Fingerprints {
    /// Fingerprint of a record.
    ///
    /// @throws CorruptData if its value cannot be read
    Fingerprint of(Record record);
  }

  /// Finds out whether the store can be read at all.
  @FunctionalInterface
  public interface Probe {
    /// Returns if it can.
    ///
    /// @throws IOException if it cannot
    void check() throws IOException;
  }

  /// What was found in one run.
  ///
  /// @param findings what is wrong
  /// @param changes what the index says the run changes in the slots' digests; absent if the index
  ///   cannot be read
  public record Report(List<RunFinding> findings, @Nullable SlotSums changes) {}

  private final SealedObjects objects;
  private final Fingerprints fingerprints;
  private final Probe probe;
  private final BlockReader reader;
  private final OffHeapBuffer content = new OffHeapBuffer(RunFormat.PIECE_BYTES);
  private final DecodedBlock decoded = new DecodedBlock();

  /// A verifier of any number of runs.
  ///
  /// @param hasher gives records their positions back
  /// @param probe asked when an object cannot be read, so that a store that is away is not taken
  ///   for damage
  public RunVerifier(
      SealedObjects objects, RecordHasher hasher, Fingerprints fingerprints, Probe probe) {
    this.objects = objects;
    this.probe = probe;
    this.fingerprints = fingerprints;
    this.reader = new BlockReader(hasher);
  }

  /// Verifies a run.
  ///
  /// @throws IOException if the store cannot be read at all
  public Report verify(RunDescriptor descriptor) throws IOException {
    SlotSums changes = new SlotSums();
    StoredRun run;
    try {
      run = StoredRun.open(objects, descriptor, changes);
    } catch (CorruptData | UnsupportedFormat | IOException e) {
      List<RunFinding> findings = new ArrayList<>();
      findings.add(
          new RunFinding(
              descriptor.index().name(),
              reason(damage(descriptor.index(), e)),
              slots(descriptor),
              descriptor.records()));
      for (StoredObject object : descriptor.objects()) {
        verifyAlone(object, findings);
      }
      return new Report(findings, null);
    }
    Pass pass = new Pass(run);
    pass.run(changes);
    return new Report(pass.findings, changes);
  }

  /// Compares an object's digest when nobody knows what lies where in it.
  private void verifyAlone(StoredObject expected, List<RunFinding> findings) throws IOException {
    try {
      StoredObject actual = objects.open(expected.name(), ObjectKind.RUN_DATA).readAll(_ -> {});
      if (!actual.equals(expected)) {
        throw StoredRun.mismatch(expected.name(), expected.sha256(), actual.sha256());
      }
    } catch (CorruptData | UnsupportedFormat | IOException e) {
      findings.add(new RunFinding(expected.name(), reason(damage(expected, e)), List.of(), 0));
    }
  }

  /// What is wrong with an object that could not be read.
  private CorruptData damage(StoredObject object, Exception failure) throws IOException {
    if (failure instanceof CorruptData damage) {
      return damage;
    }
    if (failure instanceof UnsupportedFormat newer) {
      return new CorruptData(
          String.valueOf(newer.getMessage()), newer.hint().orElse(RunFormat.HINT), newer);
    }
    probe.check();
    return new CorruptData(
        "object cannot be read: object=%s reason=%s".formatted(object.name(), failure),
        RunFormat.HINT,
        failure);
  }

  private static List<SlotRange> slots(RunDescriptor descriptor) {
    return List.of(
        new SlotRange(
            Position.slot(Long.parseUnsignedLong(descriptor.firstPosition(), 16)),
            Position.slot(Long.parseUnsignedLong(descriptor.lastPosition(), 16))));
  }

  private static String reason(CorruptData e) {
    return String.valueOf(e.getMessage());
  }

  @Override
  public void close() {
    content.close();
    decoded.close();
    reader.close();
  }

  /// One way through a run.
  private final class Pass {
    private final StoredRun run;
    private final RunIndex index;
    private final SlotSums sums = new SlotSums();
    private final List<RunFinding> findings = new ArrayList<>();
    private long records;
    private long tombstones;
    private long bytes;
    // Of the entry before.
    private boolean hasLast;
    private long lastPosition;
    private int lastDatabase;
    private ByteBuffer lastKey = ByteBuffer.allocate(0);
    // The first block of a record in pieces whose last piece has not come yet; -1 if none.
    private int openBlock = -1;

    // Of the object that is being read.
    private @Nullable CorruptData damage;
    private final TreeSet<Integer> lostSlots = new TreeSet<>();
    private long lostRecords;

    Pass(StoredRun run) {
      this.run = run;
      this.index = run.index();
    }

    void run(SlotSums changes) throws IOException {
      for (int object = 0; object < index.objects(); object++) {
        damage = null;
        lostSlots.clear();
        lostRecords = 0;
        readObject(object);
        if (damage != null) {
          findings.add(
              new RunFinding(
                  run.descriptor().objects().get(object).name(),
                  reason(damage),
                  SlotRange.covering(lostSlots),
                  lostRecords));
        }
      }
      if (findings.isEmpty()) {
        compareTotals(changes);
      }
    }

    private void readObject(int object) throws IOException {
      StoredObject expected = run.descriptor().objects().get(object);
      int from = index.firstBlock(object);
      int to = index.firstBlock(object + 1);
      @Nullable ObjectReader source = null;
      try {
        source = objects.open(expected.name(), ObjectKind.RUN_DATA);
        ByteBuffer whole = content.atLeast(Math.toIntExact(source.length()), 0).clear();
        StoredObject actual = source.readAll(whole::put);
        if (!actual.equals(expected)) {
          throw StoredRun.mismatch(expected.name(), expected.sha256(), actual.sha256());
        }
        long end = index.offset(to - 1) + index.storedLength(to - 1);
        if (end != whole.position()) {
          throw run.place(to - 1).damaged("object has another length", end, whole.position());
        }
        for (int block = from; block < to; block++) {
          int at = Math.toIntExact(index.offset(block));
          readBlock(block, whole, at);
        }
      } catch (CorruptData | UnsupportedFormat | IOException e) {
        damage = damage(expected, e);
        for (int block = from; block < to; block++) {
          readDamaged(block, source);
        }
      }
    }

    /// Reads a block of a damaged object by itself.
    private void readDamaged(int block, @Nullable ObjectReader source) throws IOException {
      try {
        if (source == null) {
          throw run.place(block).damaged("object is lost", "object", "none");
        }
        ByteBuffer stored = content.atLeast(index.storedLength(block), 0).clear();
        source.read(index.offset(block), stored.limit(index.storedLength(block)));
        readBlock(block, stored.clear(), 0);
      } catch (CorruptData | UnsupportedFormat | IOException e) {
        lose(block, damage(run.descriptor().objects().get(index.object(block)), e));
      }
    }

    private void readBlock(int block, ByteBuffer stored, int at) {
      int end = at + index.storedLength(block);
      BlockPlace place = run.place(block);
      String id = run.descriptor().id();
      try {
        if (index.entries(block) > 0) {
          openBlock = -1;
          boolean parsed = reader.open(stored, at, end, id, index.entries(block), place, decoded);
          if (!parsed || !decoded.complete()) {
            openBlock = block;
            return;
          }
        } else {
          if (openBlock < 0) {
            return; // Its beginning is lost, which was counted there.
          }
          reader.join(stored, at, end, id, place, decoded);
          if (!decoded.complete()) {
            return;
          }
        }
        openBlock = -1;
        if (decoded.position(0) != index.position(block)) {
          throw place.damaged(
              "block begins at another position than the index says",
              "%016x".formatted(index.position(block)),
              "%016x".formatted(decoded.position(0)));
        }
      } catch (CorruptData e) {
        lose(block, e);
        return;
      }
      for (int entry = 0; entry < decoded.entries(); entry++) {
        readEntry(entry, place);
      }
    }

    private void readEntry(int entry, BlockPlace place) {
      long position = decoded.position(entry);
      int slot = Position.slot(position);
      ByteBuffer key = decoded.key(entry);
      try {
        checkOrder(position, decoded.database(entry), key, place);
        if (decoded.isTombstone(entry)) {
          tombstones++;
          return;
        }
        records++;
        bytes += decoded.recordBytes(entry);
        sums.add(slot, fingerprints.of(decoded.record(entry)));
      } catch (CorruptData e) {
        damage = damage == null ? e : damage;
        lostSlots.add(slot);
        lostRecords++;
      }
    }

    private void checkOrder(long position, int database, ByteBuffer key, BlockPlace place) {
      boolean ascends =
          !hasLast
              || RecordOrder.compare(lastPosition, lastDatabase, lastKey, position, database, key)
                  < 0;
      hasLast = true;
      lastPosition = position;
      lastDatabase = database;
      if (lastKey.capacity() < key.remaining()) {
        lastKey = ByteBuffer.allocate(2 * key.remaining());
      }
      lastKey.clear().put(0, key, key.position(), key.remaining()).limit(key.remaining());
      if (!ascends) {
        throw place.damaged("entries are out of order", "ascending", "%016x".formatted(position));
      }
    }

    private static SlotDigest total(SlotSums sums) {
      SlotDigest total = SlotDigest.EMPTY;
      for (int slot = 0; slot < Slot.COUNT; slot++) {
        total = total.plus(sums.get(slot));
      }
      return total;
    }

    /// Counts what a block holds as lost.
    private void lose(int block, CorruptData e) {
      damage = damage == null ? e : damage;
      // A piece is a part of the one record that its first block begins.
      int first = index.entries(block) == 0 ? openBlock : block;
      openBlock = -1;
      if (first < 0) {
        return;
      }
      lostRecords += index.entries(first);
      long next = first + 1 < index.blocks() ? index.position(first + 1) : index.lastPosition();
      int last = Math.min(Position.slot(next), Slot.COUNT - 1);
      for (int slot = Position.slot(index.position(first)); slot <= last; slot++) {
        lostSlots.add(slot);
      }
    }

    private void compareTotals(SlotSums changes) {
      RunDescriptor descriptor = run.descriptor();
      if (records != descriptor.records()
          || tombstones != descriptor.tombstones()
          || bytes != descriptor.bytes()) {
        findings.add(
            new RunFinding(
                descriptor.index().name(),
                "run holds other records than its index says: expected=%d/%d/%d actual=%d/%d/%d"
                    .formatted(
                        descriptor.records(),
                        descriptor.tombstones(),
                        descriptor.bytes(),
                        records,
                        tombstones,
                        bytes),
                slots(descriptor),
                0));
      }
      SlotDigest held = total(sums);
      if (!held.equals(index.recordSum())) {
        findings.add(
            new RunFinding(
                descriptor.index().name(),
                "records add up to another digest than those of the capture: expected=%s actual=%s"
                    .formatted(index.recordSum(), held),
                slots(descriptor),
                0));
      }
      if (tombstones > 0 || !total(changes).equals(held)) {
        // What it changes depends on the runs below it, too.
        return;
      }
      TreeSet<Integer> differing = new TreeSet<>();
      for (int slot = 0; slot < Slot.COUNT; slot++) {
        if (!sums.get(slot).equals(changes.get(slot))) {
          differing.add(slot);
        }
      }
      if (!differing.isEmpty()) {
        findings.add(
            new RunFinding(
                descriptor.index().name(),
                "slot digests differ from those of the capture: slots=%d first=%d expected=%s actual=%s"
                    .formatted(
                        differing.size(),
                        differing.first(),
                        changes.get(differing.first()),
                        sums.get(differing.first())),
                SlotRange.covering(differing),
                0));
      }
    }
  }
}
