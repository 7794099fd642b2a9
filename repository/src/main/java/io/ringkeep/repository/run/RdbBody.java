package io.ringkeep.repository.run;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The bytes that an RDB body puts around values: opcodes, lengths, and what stands before a key.
///
/// Source: `rdb.h` and `rdbSaveKeyValuePair` in `rdb.c` of Redis 7.2; the same in every version
/// since 2.6 (heat since 5.0). All methods write at an index and return the index behind.
final class RdbBody {
  static final int AUX = 0xfa;
  static final int EXPIRY_MILLIS = 0xfc;
  static final int SELECT_DATABASE = 0xfe;
  static final int IDLE = 0xf8;
  static final int FREQUENCY = 0xf9;

  /// Opcodes begin here (243 in the newest servers); value types stay below.
  static final int FIRST_OPCODE = 0xf0;

  /// Expiry, idle time, type and key length at their longest.
  static final int MOST_HEAD_BYTES = 9 + 10 + 1 + 9;

  /// Aux field and database at their longest.
  static final int MOST_CONTEXT_BYTES = 64;

  /// Name of the aux field that says which RDB version the records behind it come from.
  static final String VERSION_FIELD = "ringkeep-version";

  private static final byte[] VERSION_FIELD_BYTES =
      VERSION_FIELD.getBytes(StandardCharsets.US_ASCII);

  private RdbBody() {}

  /// Length of what [#putHead] writes.
  static int headLength(Record record) {
    int heat =
        switch (record.heat()) {
          case Heat.Unknown _ -> 0;
          case Heat.Idle(long seconds) -> 1 + lengthOfLength(seconds);
          case Heat.Frequency _ -> 2;
        };
    return (record.expires() ? 9 : 0) + heat + 1 + lengthOfLength(record.key().remaining());
  }

  /// Writes expiry, heat, type and key length. The buffer is little-endian.
  static int putHead(ByteBuffer into, int index, Record record) {
    int at = index;
    if (record.expires()) {
      into.put(at, (byte) EXPIRY_MILLIS);
      into.putLong(at + 1, record.expiryMillis());
      at += 9;
    }
    switch (record.heat()) {
      case Heat.Unknown _ -> {}
      case Heat.Idle(long seconds) -> {
        into.put(at, (byte) IDLE);
        at = putLength(into, at + 1, seconds);
      }
      case Heat.Frequency(int counter) -> {
        into.put(at, (byte) FREQUENCY);
        into.put(at + 1, (byte) counter);
        at += 2;
      }
    }
    if (record.type() < 0 || record.type() >= FIRST_OPCODE) {
      throw new IllegalArgumentException("not a type of a value: " + record.type());
    }
    into.put(at, (byte) record.type());
    return putLength(into, at + 1, record.key().remaining());
  }

  /// Writes the aux field that names an RDB version.
  static int putVersion(ByteBuffer into, int index, RdbVersion version) {
    byte[] magic = version.magic().getBytes(StandardCharsets.US_ASCII);
    into.put(index, (byte) AUX);
    int at = putLength(into, index + 1, VERSION_FIELD_BYTES.length);
    into.put(at, VERSION_FIELD_BYTES);
    at = putLength(into, at + VERSION_FIELD_BYTES.length, magic.length);
    into.put(at, magic);
    return at + magic.length;
  }

  /// Writes the opcode that changes the database.
  static int putDatabase(ByteBuffer into, int index, int database) {
    into.put(index, (byte) SELECT_DATABASE);
    return putLength(into, index + 1, database);
  }

  /// Number of bytes of an RDB length.
  static int lengthOfLength(long length) {
    if (length < 0) { // above 2^63, unsigned
      return 9;
    }
    if (length < 1 << 6) {
      return 1;
    }
    if (length < 1 << 14) {
      return 2;
    }
    return length <= 0xffffffffL ? 5 : 9;
  }

  /// Writes an RDB length: 6, 14, 32 or 64 bits, big-endian whatever the buffer's order.
  static int putLength(ByteBuffer into, int index, long length) {
    switch (lengthOfLength(length)) {
      case 1 -> into.put(index, (byte) length);
      case 2 -> {
        into.put(index, (byte) (0x40 | (length >>> 8)));
        into.put(index + 1, (byte) length);
      }
      case 5 -> {
        into.put(index, (byte) 0x80);
        putBigEndian(into, index + 1, length, 4);
      }
      default -> {
        into.put(index, (byte) 0x81);
        putBigEndian(into, index + 1, length, 8);
      }
    }
    return index + lengthOfLength(length);
  }

  private static void putBigEndian(ByteBuffer into, int index, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      into.put(index + i, (byte) (value >>> (8 * (bytes - 1 - i))));
    }
  }
}
