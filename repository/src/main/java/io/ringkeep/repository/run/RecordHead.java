package io.ringkeep.repository.run;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.nio.ByteBuffer;

/// A stored record without its value.
///
/// @param database number of the database the key lives in
/// @param key name of the key; a view that holds until the cursor moves
/// @param expiryMillis absolute expiry in milliseconds since the epoch, or [Record#NO_EXPIRY]
/// @param type RDB type number of the value
/// @param version RDB version that gives `type` its meaning
/// @param valueBytes length of the value's RDB bytes
/// @param recordBytes the same with expiry, heat, type and key
public record RecordHead(
    int database,
    ByteBuffer key,
    long expiryMillis,
    int type,
    RdbVersion version,
    int valueBytes,
    long recordBytes) {

  /// True if the key has an absolute expiry.
  public boolean expires() {
    return expiryMillis != Record.NO_EXPIRY;
  }
}
