package io.ringkeep.model;

import java.nio.ByteBuffer;
import java.util.Objects;

/// One key of a cache: its database, name, expiry and value, the value as the RDB bytes that a
/// server wrote.
///
/// The buffers are views (position to limit is the content) and belong to whoever handed the record
/// out: they hold until the next record is read from the same source. [#copy] keeps one for longer.
/// Neither side moves the other's positions: readers [ByteBuffer#duplicate] or read absolutely.
///
/// @param database number of the database the key lives in, from 0
/// @param key name of the key: raw bytes, never RDB-encoded
/// @param expiryMillis absolute expiry in milliseconds since the epoch, or [#NO_EXPIRY]
/// @param heat use of the key where its server recorded it
/// @param type RDB type number of the value, 0–255; what it means depends on `version`
/// @param version RDB version of the stream that the value came from
/// @param value RDB bytes of the value, without type and key
// The field's own word; every file imports it by name.
@SuppressWarnings("AvoidCommonTypeNames")
public record Record(
    int database,
    ByteBuffer key,
    long expiryMillis,
    Heat heat,
    int type,
    RdbVersion version,
    ByteBuffer value) {

  /// Stands for "never expires".
  public static final long NO_EXPIRY = -1;

  public Record {
    Objects.requireNonNull(key, "key is null");
    Objects.requireNonNull(value, "value is null");
  }

  /// True if the key has an absolute expiry.
  public boolean expires() {
    return expiryMillis != NO_EXPIRY;
  }

  /// True if the key's expiry has passed at `nowMillis`.
  public boolean expiredAt(long nowMillis) {
    return expires() && expiryMillis <= nowMillis;
  }

  /// The same record with buffers of its own on the heap.
  public Record copy() {
    return new Record(database, copyOf(key), expiryMillis, heat, type, version, copyOf(value));
  }

  private static ByteBuffer copyOf(ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.get(source.position(), bytes);
    return ByteBuffer.wrap(bytes);
  }
}
