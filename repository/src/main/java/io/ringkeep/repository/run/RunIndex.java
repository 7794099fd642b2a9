package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Where the blocks of a run lie; see [RunFormat].
///
/// What the run changes in the slots' digests is stored beside it and added to a [SlotSums] when
/// the index is read: nobody needs it run by run while reading records. Immutable.
public final class RunIndex {
  private static final int MAGIC = 0x524b5258; // RKRX
  private static final int FORMAT = 2;

  /// Without the sum of the run's own records: what such a run changes is what it holds.
  private static final int FIRST_FORMAT = 1;

  /// Of the fingerprints that the sums are of: `docs/format/fingerprint.md`.
  private static final int FINGERPRINT_FORMAT = 1;

  private static final int HEADER_BYTES = 64;
  private static final int BLOCK_ENTRY_BYTES = 16;
  private static final int MOST_SLOT_BYTES = 16 + RunFormat.MOST_VARINT_BYTES;
  private static final int SLOT_MAP_BYTES = Slot.COUNT / Byte.SIZE;

  private final long records;
  private final long tombstones;
  private final long bytes;
  private final long lastPosition;
  private final SlotDigest recordSum;
  // Number of the first block of each object, and the number of blocks as one more element.
  private final int[] firstBlocks;
  private final long[] positions;
  private final int[] storedLengths;
  private final int[] entries;
  // Offset of each block in the content of its object.
  private final long[] offsets;

  RunIndex(
      long records,
      long tombstones,
      long bytes,
      long lastPosition,
      SlotDigest recordSum,
      int[] firstBlocks,
      long[] positions,
      int[] storedLengths,
      int[] entries) {
    this.records = records;
    this.tombstones = tombstones;
    this.bytes = bytes;
    this.lastPosition = lastPosition;
    this.recordSum = recordSum;
    this.firstBlocks = firstBlocks;
    this.positions = positions;
    this.storedLengths = storedLengths;
    this.entries = entries;
    this.offsets = new long[positions.length];
    for (int object = 0; object < objects(); object++) {
      long offset = 0;
      for (int block = firstBlocks[object]; block < firstBlocks[object + 1]; block++) {
        offsets[block] = offset;
        offset += storedLengths[block];
      }
    }
  }

  /// Number of records.
  public long records() {
    return records;
  }

  /// Number of keys that the run declares gone.
  public long tombstones() {
    return tombstones;
  }

  /// Length of all records' own RDB bytes.
  public long bytes() {
    return bytes;
  }

  /// Position of the first entry; 0 if there is none.
  public long firstPosition() {
    return positions.length == 0 ? 0 : positions[0];
  }

  /// Position of the last entry; 0 if there is none.
  public long lastPosition() {
    return lastPosition;
  }

  /// Number of the run's own records and the sum of their fingerprints.
  SlotDigest recordSum() {
    return recordSum;
  }

  /// Number of data objects.
  int objects() {
    return firstBlocks.length - 1;
  }

  /// Number of blocks.
  int blocks() {
    return positions.length;
  }

  /// Number of the first block of an object; of the object behind the last, the number of blocks.
  int firstBlock(int object) {
    return firstBlocks[object];
  }

  /// The object that a block lies in.
  int object(int block) {
    int found = Arrays.binarySearch(firstBlocks, block);
    return found >= 0 ? found : -found - 2;
  }

  /// Position of the first entry of a block, or of the record it continues.
  long position(int block) {
    return positions[block];
  }

  /// Number of entries that begin in a block; 0 if it continues a record.
  int entries(int block) {
    return entries[block];
  }

  /// Offset of a block in the content of its object.
  long offset(int block) {
    return offsets[block];
  }

  /// Length of a block as stored, its header included.
  int storedLength(int block) {
    return storedLengths[block];
  }

  /// What a block's payload takes at most: only a single record may be larger than a block, up to a
  /// piece.
  int mostPayload(int block) {
    return entries[block] == 1 ? RunFormat.PIECE_BYTES : RunFormat.BLOCK_BYTES;
  }

  /// True if the block's last record goes on in the next one.
  boolean continued(int block) {
    return block + 1 < entries.length && entries[block + 1] == 0;
  }

  /// The block from which entries of `position` or behind begin: the last that begins before it.
  int seek(long position) {
    int low = 0;
    int high = positions.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(positions[middle], position) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    int block = Math.max(0, low - 1);
    while (entries.length > 0 && entries[block] == 0) {
      block--;
    }
    return block;
  }

  /// The stored form.
  ///
  /// @param sums what the run changes in each slot
  ByteBuffer encode(SlotSums sums) {
    int slots = sums.touched();
    ByteBuffer into =
        ByteBuffer.allocateDirect(
            HEADER_BYTES
                + Integer.BYTES * objects()
                + BLOCK_ENTRY_BYTES * blocks()
                + SLOT_MAP_BYTES
                + MOST_SLOT_BYTES * slots);
    into.putInt(MAGIC).putShort((short) FORMAT).putShort((short) FINGERPRINT_FORMAT);
    into.putLong(records).putLong(tombstones).putLong(bytes).putLong(lastPosition);
    into.putLong(recordSum.high()).putLong(recordSum.low());
    into.putInt(objects()).putInt(blocks());
    for (int object = 0; object < objects(); object++) {
      into.putInt(firstBlocks[object + 1] - firstBlocks[object]);
    }
    for (int block = 0; block < blocks(); block++) {
      into.putLong(positions[block]).putInt(storedLengths[block]).putInt(entries[block]);
    }
    int map = into.position();
    into.position(map + SLOT_MAP_BYTES);
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      if (sums.touched(slot)) {
        int in = map + slot / Byte.SIZE;
        into.put(in, (byte) (into.get(in) | (0x80 >>> (slot % Byte.SIZE))));
        SlotDigest change = sums.get(slot);
        long zigzag = (change.records() << 1) ^ (change.records() >> 63);
        into.position(RunFormat.putVarint(into, into.position(), zigzag));
        into.putLong(change.high()).putLong(change.low());
      }
    }
    return into.flip();
  }

  /// Reads the stored form.
  ///
  /// @param object its name, for messages
  /// @param sums what the run changes in each slot is added to it
  /// @throws CorruptData if it is none, or contradicts itself
  static RunIndex decode(ByteBuffer from, String object, SlotSums sums) {
    return decodeAll(from, object, sums);
  }

  /// The same for whoever looks for single keys: what the run changes in slots is not decoded,
  /// which in a short process takes longer than all the rest.
  ///
  /// @throws CorruptData if it is none, or contradicts itself
  static RunIndex decodePlaces(ByteBuffer from, String object) {
    return decodeAll(from, object, null);
  }

  private static RunIndex decodeAll(ByteBuffer from, String object, @Nullable SlotSums sums) {
    try {
      if (from.getInt() != MAGIC) {
        throw damaged(object, "not a run index", null);
      }
      int format = from.getShort();
      int fingerprintFormat = from.getShort();
      if (format < FIRST_FORMAT || format > FORMAT || fingerprintFormat != FINGERPRINT_FORMAT) {
        throw new UnsupportedFormat(
            "run format is not supported: object=%s format=%d newest=%d fingerprints=%d newest=%d"
                .formatted(object, format, FORMAT, fingerprintFormat, FINGERPRINT_FORMAT),
            "use the version of Ringkeep that wrote it, or a newer one");
      }
      return decodeBody(from, format, object, sums);
    } catch (BufferUnderflowException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw damaged(object, "run index ends early", e);
    }
  }

  private static RunIndex decodeBody(
      ByteBuffer from, int format, String object, @Nullable SlotSums sums) {
    long records = from.getLong();
    long tombstones = from.getLong();
    long bytes = from.getLong();
    long lastPosition = from.getLong();
    SlotDigest recordSum = SlotDigest.EMPTY;
    if (format > FIRST_FORMAT) {
      recordSum = new SlotDigest(records, from.getLong(), from.getLong());
    }
    int objects = from.getInt();
    int blocks = from.getInt();
    if ((long) Integer.BYTES * objects + (long) BLOCK_ENTRY_BYTES * blocks > from.remaining()) {
      throw damaged(object, "run index ends early", null);
    }
    int[] firstBlocks = new int[objects + 1];
    boolean sane = true;
    for (int i = 0; i < objects; i++) {
      firstBlocks[i + 1] = firstBlocks[i] + from.getInt();
      sane &= firstBlocks[i + 1] > firstBlocks[i];
    }
    long[] positions = new long[blocks];
    int[] storedLengths = new int[blocks];
    int[] entries = new int[blocks];
    long entryCount = 0;
    for (int i = 0; i < blocks; i++) {
      positions[i] = from.getLong();
      storedLengths[i] = from.getInt();
      entries[i] = from.getInt();
      entryCount += entries[i];
      sane &= storedLengths[i] >= RunFormat.BLOCK_HEADER_BYTES && entries[i] >= 0;
      sane &= i == 0 || Long.compareUnsigned(positions[i - 1], positions[i]) <= 0;
    }
    if (!sane
        || firstBlocks[objects] != blocks
        || entryCount != records + tombstones
        || (blocks > 0 && entries[0] == 0)) {
      throw damaged(object, "run index contradicts itself", null);
    }
    if (sums != null) {
      recordSum = recordSum.plus(decodeSums(from, format, object, sums));
    }
    return new RunIndex(
        records,
        tombstones,
        bytes,
        lastPosition,
        recordSum,
        firstBlocks,
        positions,
        storedLengths,
        entries);
  }

  /// @return what is to be added to the sum of the run's records: in the first format all of it
  private static SlotDigest decodeSums(ByteBuffer from, int format, String object, SlotSums sums) {
    SlotDigest recordSum = SlotDigest.EMPTY;
    byte[] map = new byte[SLOT_MAP_BYTES];
    from.get(map);
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      if ((map[slot / Byte.SIZE] & (0x80 >>> (slot % Byte.SIZE))) != 0) {
        long zigzag = varint(from);
        SlotDigest change =
            new SlotDigest((zigzag >>> 1) ^ -(zigzag & 1), from.getLong(), from.getLong());
        sums.add(slot, change.records(), change.high(), change.low());
        if (format == FIRST_FORMAT) {
          recordSum = recordSum.plus(change);
        }
      }
    }
    if (from.hasRemaining()) {
      throw damaged(object, "run index is too long", null);
    }
    return recordSum;
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = from.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        break;
      }
    }
    return value;
  }

  private static CorruptData damaged(String object, String what, @Nullable Throwable cause) {
    return new CorruptData(what + ": object=" + object, RunFormat.HINT, cause);
  }
}
