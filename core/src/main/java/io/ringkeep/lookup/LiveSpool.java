package io.ringkeep.lookup;

import io.ringkeep.model.Bytes;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordOrder;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a live cache holds, without its values: names, fingerprints and sizes in temporary files by
/// slot, since a server sends its keys in an order of its own.
///
/// Some 60 bytes of disk a key. [#add] may be called by several threads at once.
final class LiveSpool implements AutoCloseable {
  /// Slots that share a file: of twenty million keys some 300,000 are on the heap at once.
  private static final int SLOTS_OF_A_FILE = 256;

  private static final int FILES = Slot.COUNT / SLOTS_OF_A_FILE;
  private static final List<LogicalType> TYPES = List.of(LogicalType.values());
  private static final int BUFFER_BYTES = 32 * 1024;

  /// A key of the live cache.
  record LiveKey(
      long position,
      int database,
      ByteBuffer key,
      Fingerprint fingerprint,
      LogicalType type,
      int bytes,
      long expiryMillis) {

    KeyScan.Listed listed() {
      return new KeyScan.Listed(database, EscapedText.of(key), type, bytes, expiryMillis);
    }
  }

  private final Path folder;
  private final List<DataOutputStream> files = new ArrayList<>();
  private final SlotDigests digests = new SlotDigests();

  private LiveSpool(Path folder) {
    this.folder = folder;
  }

  /// Empty files in a folder of their own that nobody else can read.
  static LiveSpool create() throws IOException {
    LiveSpool spool = new LiveSpool(Files.createTempDirectory("ringkeep-compare-"));
    try {
      for (int i = 0; i < FILES; i++) {
        spool.files.add(
            new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(spool.file(i)), BUFFER_BYTES)));
      }
      return spool;
    } catch (IOException e) {
      spool.close();
      throw e;
    }
  }

  private Path file(int number) {
    return folder.resolve("slots-" + number);
  }

  /// Notes a record.
  void add(long position, Fingerprint fingerprint, Record record) throws IOException {
    int slot = Position.slot(position);
    byte[] key = Bytes.of(record.key());
    DataOutputStream out = files.get(slot / SLOTS_OF_A_FILE);
    synchronized (out) {
      out.writeLong(position);
      out.writeLong(fingerprint.high());
      out.writeLong(fingerprint.low());
      out.writeInt(record.database());
      out.writeByte(TYPES.indexOf(RdbType.logicalType(record.version(), record.type())));
      out.writeInt(record.value().remaining());
      out.writeLong(record.expiryMillis());
      out.writeInt(key.length);
      out.write(key);
    }
    synchronized (digests) {
      digests.add(slot, fingerprint);
    }
  }

  /// Ends the writing.
  ///
  /// @return the digests of all that was noted
  SlotDigests finish() throws IOException {
    for (DataOutputStream file : files) {
      file.close();
    }
    return digests;
  }

  /// The ranges of slots that are read at once.
  static List<SlotRange> ranges() {
    List<SlotRange> ranges = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      ranges.add(new SlotRange(i * SLOTS_OF_A_FILE, (i + 1) * SLOTS_OF_A_FILE - 1));
    }
    return ranges;
  }

  /// The keys of one of [#ranges], in the order of the ring. A key that was noted twice, as one on
  /// its way between two servers may be, comes once.
  List<LiveKey> read(SlotRange range) throws IOException {
    List<LiveKey> keys = new ArrayList<>();
    Path file = file(range.first() / SLOTS_OF_A_FILE);
    long left = Files.size(file);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      while (left > 0) {
        long position = in.readLong();
        Fingerprint fingerprint = new Fingerprint(in.readLong(), in.readLong());
        int database = in.readInt();
        LogicalType type = TYPES.get(in.readByte());
        int bytes = in.readInt();
        long expiry = in.readLong();
        byte[] key = new byte[in.readInt()];
        in.readFully(key);
        keys.add(
            new LiveKey(
                position, database, ByteBuffer.wrap(key), fingerprint, type, bytes, expiry));
        left -= 3 * Long.BYTES + Integer.BYTES + 1 + Integer.BYTES + Long.BYTES + Integer.BYTES;
        left -= key.length;
      }
    }
    keys.sort(LiveSpool::compare);
    for (int i = keys.size() - 1; i > 0; i--) {
      if (compare(keys.get(i - 1), keys.get(i)) == 0) {
        keys.remove(i - 1);
      }
    }
    return keys;
  }

  private static int compare(LiveKey one, LiveKey other) {
    return RecordOrder.compare(
        one.position(), one.database(), one.key(), other.position(), other.database(), other.key());
  }

  /// Removes the files.
  @Override
  public void close() throws IOException {
    for (DataOutputStream file : files) {
      file.close();
    }
    for (int i = 0; i < FILES; i++) {
      Files.deleteIfExists(file(i));
    }
    Files.deleteIfExists(folder);
  }
}
