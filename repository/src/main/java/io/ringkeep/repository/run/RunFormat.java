package io.ringkeep.repository.run;

import io.ringkeep.model.Slot;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/// The stored form of a run: sorted blocks in data objects, and one index object.
///
/// FORMAT (big-endian; a varint is unsigned LEB128). A data object's content is a sequence of
/// blocks:
///
/// | offset | bytes | field of a block                                                         |
/// |--------|-------|--------------------------------------------------------------------------|
/// | 0      | 4     | stored length of the body, s                                             |
/// | 4      | 4     | payload length, p                                                        |
/// | 8      | 4     | table length, t                                                          |
/// | 12     | 4     | entries that begin here                                                  |
/// | 16     | 1     | compression: 0 none, 1 zstd                                              |
/// | 17     | 1     | 1 if the last record goes on in the next block                           |
/// | 18     | 2     | zero                                                                     |
/// | 20     | 4     | CRC32C of the uncompressed body                                          |
/// | 24     | 4     | number of the block in its run                                           |
/// | 28     | 4     | CRC32C of the run's id and bytes 0–27                                    |
/// | 32     | s     | body; uncompressed: p bytes of RDB body, then t bytes of table           |
///
/// The table: number of records, the length of each one's value, number of tombstones; for each
/// tombstone the number of records since the one before, database, key length (all varints), key.
///
/// The index holds totals, the number of blocks in each object, the first position, stored length
/// and entries of each block, and for each slot that the run touches the change of its digest. It
/// holds no positions and no fingerprints of records: the records give them back.
///
/// VALIDITY: entries ascend strictly in [io.ringkeep.model.RecordOrder] through all blocks. Every
/// block says version and database anew, so it can be read alone; only a record of more than
/// [#PIECE_BYTES] spans blocks, and these hold nothing else.
///
/// WRITE ORDER: data objects, index; then, elsewhere, manifest and ledger record.
///
/// READING: a position's entries begin in the last block that begins before it. Of several runs,
/// the entry of the newest counts.
///
/// RECOVERY: none. A run that no committed manifest names is deleted by the next backup; the others
/// never change.
///
/// HISTORY: 1, the first. Specified in `docs/format/run.md`.
public final class RunFormat {
  /// Payload at which a block ends, unless one record alone is larger.
  public static final int BLOCK_BYTES = 64 * 1024;

  /// A record of more than this is cut into pieces of this size, each in a block of its own.
  public static final int PIECE_BYTES = 1 << 20;

  static final int BLOCK_HEADER_BYTES = 32;
  static final int MOST_VARINT_BYTES = 10;

  static final String HINT =
      "run 'verify' to learn what is affected, then restore another snapshot or another copy";

  private RunFormat() {}

  /// Name of a data object.
  ///
  /// @param number of the object in its run, from 0
  /// @param mark of where it will lie, from the store; often empty
  static String dataName(String directory, String run, int number, String mark) {
    return String.format(Locale.ROOT, "%s%s-%04d%s.data", directory, run, number, mark);
  }

  /// Which range of the ring a data object holds, where its name says so: `-s6.5`.
  ///
  /// @param ranges into how many the ring is split
  /// @param number of the one, from 0
  record RingRange(int ranges, int number) {
    private static final Pattern MARK = Pattern.compile(".*-s([0-9]{1,5})\\.([0-9]{1,5})\\.data");

    static Optional<RingRange> of(String object) {
      Matcher mark = MARK.matcher(object);
      return mark.matches()
          ? Optional.of(
              new RingRange(Integer.parseInt(mark.group(1)), Integer.parseInt(mark.group(2))))
          : Optional.empty();
    }

    int firstSlot() {
      return Math.ceilDiv(number * Slot.COUNT, ranges);
    }

    int lastSlot() {
      return Math.ceilDiv((number + 1) * Slot.COUNT, ranges) - 1;
    }

    /// Whether it ends before a slot.
    boolean endsBefore(int slot) {
      return (long) slot * ranges / Slot.COUNT > number;
    }
  }

  /// Name of a run's index.
  static String indexName(String directory, String run) {
    return directory + run + ".index";
  }

  /// Writes an unsigned number in groups of seven bits, lowest first; returns the index behind.
  static int putVarint(ByteBuffer into, int index, long value) {
    int at = index;
    long left = value;
    while ((left & ~0x7fL) != 0) {
      into.put(at++, (byte) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    into.put(at++, (byte) left);
    return at;
  }

  /// CRC32C of the bytes from `start`, inclusive, to `end`, exclusive.
  static int crc32c(ByteBuffer bytes, int start, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(start, end - start));
    return (int) crc.getValue();
  }
}
