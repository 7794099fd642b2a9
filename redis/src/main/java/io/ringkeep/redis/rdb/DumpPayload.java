package io.ringkeep.redis.rdb;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import io.ringkeep.model.Record;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What `DUMP` answers and `RESTORE` takes: a value with its type in front and a stamp behind.
///
/// ```
/// type       1 byte
/// value      RDB bytes
/// version    2 bytes, little-endian: number of the RDB version
/// checksum   8 bytes, little-endian: CRC-64 of all before it
/// ```
///
/// A server refuses a payload that is stamped with a version it does not know, whatever the value,
/// so the oldest version that knows the type is the one that most servers take.
///
/// Source: `createDumpPayload` and `verifyDumpPayload` in `cluster.c`.
public final class DumpPayload {
  /// Bytes in front of the value: the type.
  public static final int HEAD_BYTES = 1;

  /// Bytes behind the value: the stamp.
  public static final int TRAILER_BYTES = 10;

  /// Older servers have no `RESTORE`.
  private static final int OLDEST_STAMP = 6;

  private static final VarHandle SHORT =
      MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private DumpPayload() {}

  /// The oldest version that a value of type `number` written by `written` can be stamped with.
  ///
  /// @throws io.ringkeep.model.BackupException.UnsupportedFormat if that version has no such type
  public static RdbVersion stampFor(RdbVersion written, int number) {
    RdbVersion since =
        RdbType.of(written, number).orElseThrow(() -> RdbType.unknown(written, number)).since();
    return since.family() == Family.REDIS && since.number() < OLDEST_STAMP
        ? RdbVersion.redis(OLDEST_STAMP)
        : since;
  }

  /// Bytes of the payload for a value of `valueBytes`.
  public static long bytes(int valueBytes) {
    return (long) HEAD_BYTES + valueBytes + TRAILER_BYTES;
  }

  /// The record that a server's `DUMP` tells of.
  ///
  /// A hash that brings a template with its field names comes without it, as a plain hash.
  ///
  /// @param version newest RDB version of that server
  /// @throws io.ringkeep.model.BackupException.CorruptData if such a hash makes no sense
  public static Record record(
      int database, ByteBuffer key, long expiryMillis, ByteBuffer payload, RdbVersion version) {
    int number = Byte.toUnsignedInt(payload.get(payload.position()));
    int valueBytes = payload.remaining() - HEAD_BYTES - TRAILER_BYTES;
    int at = payload.position() + HEAD_BYTES;
    if (HashTemplates.brought(version, number)) {
      ByteBuffer plain = new HashTemplates().plain(number, payload.slice(at, valueBytes));
      return new Record(
          database, key, expiryMillis, Heat.UNKNOWN, RdbType.HASH.number(), version, plain);
    }
    ByteBuffer value = ByteBuffer.allocateDirect(valueBytes);
    value.put(0, payload, at, valueBytes);
    return new Record(database, key, expiryMillis, Heat.UNKNOWN, number, version, value);
  }

  /// The payload of a record, in a buffer of its own.
  public static ByteBuffer of(Record record, RdbVersion stamp) {
    ByteBuffer value = record.value();
    int length = value.remaining();
    ByteBuffer payload = ByteBuffer.allocateDirect(Math.toIntExact(bytes(length)));
    payload.put(0, (byte) record.type());
    payload.put(HEAD_BYTES, value, value.position(), length);
    putTrailer(payload, HEAD_BYTES + length, record, stamp);
    return payload;
  }

  /// Writes the ten bytes that belong behind a record's value at `at`, so that the value itself can
  /// be sent from where it is.
  public static void putTrailer(ByteBuffer buffer, int at, Record record, RdbVersion stamp) {
    ByteBuffer value = record.value();
    SHORT.set(buffer, at, (short) stamp.number());
    long crc = Crc64.update(0, (byte) record.type());
    crc = Crc64.update(crc, value, value.position(), value.limit());
    crc = Crc64.update(crc, buffer, at, at + Short.BYTES);
    LONG.set(buffer, at + Short.BYTES, crc);
  }
}
