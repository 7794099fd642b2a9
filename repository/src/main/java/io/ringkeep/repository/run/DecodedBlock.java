package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The entries of one block, ready to be compared and handed out.
///
/// Reused for one block after the other; its arrays and its buffer grow to the largest. Filled by
/// one thread, then read by another.
final class DecodedBlock implements AutoCloseable {
  /*
   * Columns of primitives beside the uncompressed body; a record becomes an object only when it is handed out. The
   * two views serve every record of the block in turn.
   */
  private static final long NO_HEAT = -1;
  private static final long FREQUENCY_FLAG = 1L << 62;
  private static final int TOMBSTONE = -1;

  private final OffHeapBuffer body =
      new OffHeapBuffer(RunFormat.BLOCK_BYTES + RunFormat.BLOCK_BYTES / 8);
  private ByteBuffer bytes = body.get();
  private ByteBuffer keyView = view(bytes);
  private ByteBuffer valueView = view(bytes);

  private int payloadLength;
  private int tableLength;
  private boolean complete;
  private int entries;
  private long[] positions = new long[0];
  private int[] databases = new int[0];
  private int[] headStarts = new int[0];
  private int[] keyStarts = new int[0];
  private int[] keyLengths = new int[0];
  // TOMBSTONE where the entry is one.
  private int[] valueLengths = new int[0];
  private long[] expiries = new long[0];
  private long[] heats = new long[0];
  private int[] types = new int[0];
  private RdbVersion[] versions = new RdbVersion[0];

  // While parsing: index of the next byte, and what the payload has said last.
  private int at;
  private int database;
  private RdbVersion version = RdbVersion.redis(1);
  private String versionText = version.magic();

  /// Number of entries that begin in this block.
  int entries() {
    return entries;
  }

  /// False if the last record's value ends in a later block.
  boolean complete() {
    return complete;
  }

  /// Length of the payload that is there.
  int payloadLength() {
    return payloadLength;
  }

  /// A copy of the table, which stands behind the payload.
  byte[] table() {
    byte[] table = new byte[tableLength];
    bytes.get(payloadLength, table);
    return table;
  }

  /// What its buffer takes.
  int capacity() {
    return bytes.capacity();
  }

  long position(int entry) {
    return positions[entry];
  }

  int database(int entry) {
    return databases[entry];
  }

  boolean isTombstone(int entry) {
    return valueLengths[entry] == TOMBSTONE;
  }

  /// The key; the view holds until another of this block is asked for.
  ByteBuffer key(int entry) {
    return view(keyView, keyStarts[entry], keyLengths[entry]);
  }

  /// Length of the record's own RDB bytes: expiry, heat, type, key and value.
  long recordBytes(int entry) {
    return (long) keyStarts[entry] - headStarts[entry] + keyLengths[entry] + valueLengths[entry];
  }

  /// The record; its views hold until another of this block is asked for.
  Record record(int entry) {
    long heat = heats[entry];
    return new Record(
        databases[entry],
        key(entry),
        expiries[entry],
        heat == NO_HEAT
            ? Heat.UNKNOWN
            : (heat & FREQUENCY_FLAG) != 0
                ? new Heat.Frequency((int) (heat & 0xff))
                : new Heat.Idle(heat),
        types[entry],
        versions[entry],
        view(valueView, keyStarts[entry] + keyLengths[entry], valueLengths[entry]));
  }

  /// The record without its value, which need not be complete; its key holds as in [#record].
  RecordHead head(int entry) {
    return new RecordHead(
        databases[entry],
        key(entry),
        expiries[entry],
        types[entry],
        versions[entry],
        valueLengths[entry],
        recordBytes(entry));
  }

  private static ByteBuffer view(ByteBuffer bytes) {
    return bytes.duplicate().order(bytes.order());
  }

  private static ByteBuffer view(ByteBuffer view, int start, int length) {
    return view.clear().position(start).limit(start + length);
  }

  /// Space for `length` bytes behind the first `kept` ones, which stay.
  ByteBuffer space(int kept, int length) {
    int needed = Math.addExact(kept, length);
    if (needed > bytes.capacity()) {
      bytes = body.atLeast(needed, kept);
      keyView = view(bytes);
      valueView = view(bytes);
    }
    return bytes;
  }

  /// Takes note of a payload that grew and still ends inside its record.
  void extend(int payload) {
    payloadLength = payload;
  }

  /// Finds the entries in the body that [#space] was given.
  ///
  /// @param continued true if the payload ends inside its last record
  /// @return false if it ends even before the key does: all pieces are needed to parse it then
  /// @throws CorruptData if the body is none
  boolean parse(int payload, int table, boolean continued, RecordHasher hasher, BlockPlace place) {
    payloadLength = payload;
    tableLength = table;
    complete = !continued;
    entries = 0;
    database = -1;
    try {
      return parseEntries(payload + table, hasher);
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw place.damaged("block does not parse", e);
    }
  }

  private boolean parseEntries(int tableEnd, RecordHasher hasher) {
    at = payloadLength;
    int records = count(tableEnd);
    int[] lengths = new int[records];
    for (int i = 0; i < records; i++) {
      lengths[i] = number();
    }
    int tombstones = count(tableEnd);
    ensureColumns(Math.addExact(records, tombstones));
    int tableAt = at;
    int payloadAt = 0;
    int record = 0;
    for (int tombstone = 0; tombstone <= tombstones; tombstone++) {
      at = tableAt;
      int until = tombstone < tombstones ? Math.addExact(record, number()) : records;
      tableAt = at;
      at = payloadAt;
      for (; record < until; record++) {
        if (!parseRecord(lengths[record], hasher)) {
          return false;
        }
      }
      payloadAt = at;
      if (tombstone < tombstones) {
        at = tableAt;
        parseTombstone(hasher);
        tableAt = at;
      }
    }
    boolean endsRight = complete ? payloadAt == payloadLength : payloadAt > payloadLength;
    if (!endsRight || tableAt != tableEnd) {
      throw new IllegalArgumentException(
          "payload or table ends elsewhere: payload=%d/%d table=%d/%d"
              .formatted(payloadAt, payloadLength, tableAt, tableEnd));
    }
    return true;
  }

  private boolean parseRecord(int valueLength, RecordHasher hasher) {
    int headStart = at;
    long expiry = Record.NO_EXPIRY;
    long heat = NO_HEAT;
    int opcode;
    while ((opcode = bytes.get(at++) & 0xff) >= RdbBody.FIRST_OPCODE) {
      switch (opcode) {
        case RdbBody.AUX -> {
          version = version();
          headStart = at;
        }
        case RdbBody.SELECT_DATABASE -> {
          database = Math.toIntExact(length());
          headStart = at;
        }
        case RdbBody.EXPIRY_MILLIS -> {
          expiry = bytes.getLong(at);
          at += Long.BYTES;
        }
        case RdbBody.IDLE -> heat = length();
        case RdbBody.FREQUENCY -> heat = FREQUENCY_FLAG | (bytes.get(at++) & 0xff);
        default -> throw new IllegalArgumentException("unexpected opcode: " + opcode);
      }
    }
    int keyLength = Math.toIntExact(length());
    if (!complete && Math.addExact(at, keyLength) > payloadLength) {
      return false;
    }
    headStarts[entries] = headStart;
    expiries[entries] = expiry;
    heats[entries] = heat;
    types[entries] = opcode;
    versions[entries] = version;
    valueLengths[entries] = valueLength;
    addKey(database, keyLength, hasher);
    at = Math.addExact(at, valueLength);
    return true;
  }

  private void parseTombstone(RecordHasher hasher) {
    int keyDatabase = number();
    int keyLength = number();
    valueLengths[entries] = TOMBSTONE;
    addKey(keyDatabase, keyLength, hasher);
  }

  private void addKey(int keyDatabase, int keyLength, RecordHasher hasher) {
    databases[entries] = keyDatabase;
    keyStarts[entries] = at;
    keyLengths[entries] = keyLength;
    positions[entries] = hasher.position(keyDatabase, key(entries));
    at = Math.addExact(at, keyLength);
    entries++;
  }

  private RdbVersion version() {
    String name = text();
    String value = text();
    if (!name.equals(RdbBody.VERSION_FIELD)) {
      throw new IllegalArgumentException("unexpected aux field: " + name);
    }
    if (!value.equals(versionText)) {
      version = RdbVersion.parse(value);
      versionText = value;
    }
    return version;
  }

  private String text() {
    byte[] text = new byte[Math.min(Math.toIntExact(length()), payloadLength)];
    bytes.get(at, text);
    at += text.length;
    return new String(text, StandardCharsets.US_ASCII);
  }

  /// Reads an RDB length, big-endian.
  private long length() {
    int first = bytes.get(at++) & 0xff;
    return switch (first >>> 6) {
      case 0 -> first;
      case 1 -> ((first & 0x3f) << 8) | (bytes.get(at++) & 0xff);
      case 2 -> first == 0x80 ? bigEndian(4) : bigEndian(8);
      default -> throw new IllegalArgumentException("not a length: " + first);
    };
  }

  private long bigEndian(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = (value << 8) | (bytes.get(at++) & 0xff);
    }
    return value;
  }

  /// Reads how many items of at least a byte follow before `end`.
  private int count(int end) {
    int count = number();
    if (count > end - at) {
      throw new IllegalArgumentException("too many entries: " + count);
    }
    return count;
  }

  /// Reads a varint that is below 2^31.
  private int number() {
    int value = 0;
    for (int shift = 0; shift <= 28; shift += 7) {
      byte next = bytes.get(at++);
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        if (value < 0) {
          break;
        }
        return value;
      }
    }
    throw new IllegalArgumentException("not a number");
  }

  private void ensureColumns(int count) {
    if (positions.length >= count) {
      return;
    }
    int size = count + count / 4;
    positions = new long[size];
    databases = new int[size];
    headStarts = new int[size];
    keyStarts = new int[size];
    keyLengths = new int[size];
    valueLengths = new int[size];
    expiries = new long[size];
    heats = new long[size];
    types = new int[size];
    versions = new RdbVersion[size];
  }

  @Override
  public void close() {
    body.close();
  }
}
