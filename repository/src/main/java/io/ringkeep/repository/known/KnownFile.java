package io.ringkeep.repository.known;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Position;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigest;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.repository.json.Json;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The records of one snapshot, each known by its position, more bits of its key's hash, its
/// fingerprint and its kind. Any number of threads may look things up at once.
///
/// FORMAT (little-endian): entries, a [KnownHeader] as a checked document, its length in four
/// bytes. An entry has 32 bytes and ascends by the first two words, unsigned:
///
/// | offset | bytes | field                                              |
/// |--------|-------|----------------------------------------------------|
/// | 0      | 8     | position                                           |
/// | 8      | 8     | 50 more bits of the key's hash, 14 bits: kind      |
/// | 16     | 16    | fingerprint: high half, low half                   |
///
/// VALIDITY: the checksum is right, and the fingerprints of each slot add up to its digest in the
/// snapshot. RECOVERY: what is not valid is made anew.
public final class KnownFile implements AutoCloseable {
  /*
   * Positions within a slot are uniform, so an entry stands near the place that its position has in the slot's range:
   * one look there, a second one corrected by what was found, and it is a few entries away. That is two or three
   * cache misses, and the file is read once from front to end before, so that it lies in the page cache.
   */
  static final int ENTRY_BYTES = 32;
  static final int KIND_BITS = 14;
  static final int KIND_MASK = (1 << KIND_BITS) - 1;

  /// Of the fingerprints: `docs/format/fingerprint.md`.
  static final int FINGERPRINT_FORMAT = 1;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int MOST_HEADER_BYTES = 1 << 22;
  private static final long CHECKED_AT_ONCE = 1L << 26;
  private static final long HASH_MASK = (1L << Position.HASH_BITS) - 1;

  private final Arena arena;
  private final MemorySegment entries;
  private final long count;
  private final List<RecordKind> kinds;
  private final List<RdbVersion> versions;
  // Number of each slot's first entry, and the number of entries as one more element.
  private final long[] starts = new long[Slot.COUNT + 1];
  private final SlotDigests digests = new SlotDigests();

  private KnownFile(Arena arena, MemorySegment entries, KnownHeader header) {
    this.arena = arena;
    this.entries = entries;
    this.count = header.entries();
    this.kinds = header.kinds();
    this.versions = kinds.stream().map(kind -> RdbVersion.parse(kind.version())).toList();
  }

  /// Opens a file if it is there, whole, and of this snapshot.
  ///
  /// @param digests of the snapshot's slots
  public static Optional<KnownFile> open(
      Path path, String repository, String cache, String snapshot, SlotDigests digests)
      throws IOException {
    if (!Files.isReadable(path)) {
      return Optional.empty();
    }
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      Optional<KnownHeader> header = header(file);
      if (header.isEmpty() || !header.get().isOf(repository, cache, snapshot, FINGERPRINT_FORMAT)) {
        return Optional.empty();
      }
      Arena arena = Arena.ofShared();
      MemorySegment entries =
          file.map(FileChannel.MapMode.READ_ONLY, 0, header.get().entries() * ENTRY_BYTES, arena);
      KnownFile opened = new KnownFile(arena, entries, header.get());
      if (opened.isWhole(header.get()) && opened.digests.differing(digests).isEmpty()) {
        return Optional.of(opened);
      }
      opened.close();
      return Optional.empty();
    }
  }

  private static Optional<KnownHeader> header(FileChannel file) throws IOException {
    long size = file.size();
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (size < Integer.BYTES || file.read(length, size - Integer.BYTES) != Integer.BYTES) {
      return Optional.empty();
    }
    int headerBytes = length.getInt(0);
    long at = size - Integer.BYTES - headerBytes;
    if (headerBytes <= 0 || headerBytes > MOST_HEADER_BYTES || at < 0) {
      return Optional.empty();
    }
    ByteBuffer document = ByteBuffer.allocate(headerBytes);
    while (document.hasRemaining()) {
      if (file.read(document, at + document.position()) < 0) {
        return Optional.empty();
      }
    }
    try {
      KnownHeader header =
          Json.readChecked("known", document.flip(), KnownHeader.FORMAT, KnownHeader.class);
      return header.entries() * ENTRY_BYTES == at ? Optional.of(header) : Optional.empty();
    } catch (CorruptData | UnsupportedFormat e) {
      return Optional.empty();
    }
  }

  /// Reads all entries: compares their checksum and their order, and finds where slots begin.
  private boolean isWhole(KnownHeader header) {
    if (!crc32c(entries).equals(header.entriesCrc32c())) {
      return false;
    }
    long at = 0;
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      starts[slot] = at;
      long high = 0;
      long low = 0;
      while (at < count && Position.slot(position(at)) == slot) {
        if (at > 0 && !ascends(at)) {
          return false;
        }
        long sum = low + fingerprintLow(at);
        high += fingerprintHigh(at) + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        low = sum;
        at++;
      }
      digests.add(slot, new SlotDigest(at - starts[slot], high, low));
    }
    starts[Slot.COUNT] = count;
    return at == count;
  }

  private boolean ascends(long at) {
    int order = Long.compareUnsigned(position(at - 1), position(at));
    return order < 0 || (order == 0 && Long.compareUnsigned(check(at - 1), check(at)) < 0);
  }

  static String crc32c(MemorySegment entries) {
    CRC32C crc = new CRC32C();
    for (long from = 0; from < entries.byteSize(); from += CHECKED_AT_ONCE) {
      long length = Math.min(CHECKED_AT_ONCE, entries.byteSize() - from);
      crc.update(entries.asSlice(from, length).asByteBuffer());
    }
    return "%08x".formatted((int) crc.getValue());
  }

  /// The part of a key's hash that an entry has room for.
  static long checkBits(long keyCheck) {
    return keyCheck >>> KIND_BITS;
  }

  /// Number of entries.
  public long count() {
    return count;
  }

  /// Kinds of records, by number.
  public List<RecordKind> kinds() {
    return kinds;
  }

  /// Number of the entry of a key; −1 if the snapshot does not have it.
  ///
  /// @param keyCheck as [io.ringkeep.model.RecordHasher] has it
  public long find(long position, long keyCheck) {
    int slot = Position.slot(position);
    long from = starts[slot];
    long to = starts[slot + 1];
    if (from == to) {
      return -1;
    }
    long check = checkBits(keyCheck);
    for (long at = first(position, from, to); at < to && position(at) == position; at++) {
      if (check(at) == check) {
        return at;
      }
    }
    return -1;
  }

  /// The first entry at or behind `position` of those from `from` to `to`, exclusive, all of its
  /// slot.
  private long first(long position, long from, long to) {
    long hash = position & HASH_MASK;
    long guess = from + scaled(hash, to - from);
    long found = position(guess) & HASH_MASK;
    long error = found <= hash ? scaled(hash - found, to - from) : -scaled(found - hash, to - from);
    long at = Math.clamp(guess + error, from, to - 1);
    // From here the range around it is doubled until the position lies within.
    long low = at;
    long high = at;
    long step = 1;
    while (low > from && Long.compareUnsigned(position(low - 1), position) >= 0) {
      high = low;
      low = Math.max(from, low - step);
      step *= 2;
    }
    step = 1;
    while (high < to && Long.compareUnsigned(position(high), position) < 0) {
      low = high + 1;
      high = Math.min(to, high + step);
      step *= 2;
    }
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (Long.compareUnsigned(position(middle), position) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// The share of `size` that `hash` is of all hashes.
  private static long scaled(long hash, long size) {
    return Math.unsignedMultiplyHigh(hash << (Long.SIZE - Position.HASH_BITS), size);
  }

  /// Position of an entry.
  public long position(long entry) {
    return entries.get(LONG, entry * ENTRY_BYTES);
  }

  private long check(long entry) {
    return entries.get(LONG, entry * ENTRY_BYTES + 8) >>> KIND_BITS;
  }

  /// Kind of an entry's record, by number.
  public int kind(long entry) {
    return (int) entries.get(LONG, entry * ENTRY_BYTES + 8) & KIND_MASK;
  }

  /// RDB version that a kind's records are stored in.
  public RdbVersion version(int kind) {
    return versions.get(kind);
  }

  /// RDB number of the type that a kind's records are stored as.
  public int type(int kind) {
    return kinds.get(kind).type();
  }

  /// Upper half of an entry's fingerprint.
  public long fingerprintHigh(long entry) {
    return entries.get(LONG, entry * ENTRY_BYTES + 16);
  }

  /// Lower half of an entry's fingerprint.
  public long fingerprintLow(long entry) {
    return entries.get(LONG, entry * ENTRY_BYTES + 24);
  }

  /// Unmaps it. Nobody may be looking anything up any more.
  @Override
  public void close() {
    arena.close();
  }
}
