package io.ringkeep.client;

import java.time.Instant;
import java.util.Optional;

/// A backup of a key, without the value.
///
/// @param key what was backed up
/// @param backupKey where the backup stands
/// @param created when it was made, by the server's clock
/// @param expiry when the key was to expire; empty: never
/// @param copies number of whole copies
/// @param pieces number of pieces of the value; 1 where it is not divided
/// @param valueBytes bytes of the value as the server dumped it
@SuppressWarnings("ArrayRecordComponent") // nobody compares these
public record KeyBackup(
    byte[] key,
    byte[] backupKey,
    Instant created,
    Optional<Instant> expiry,
    int copies,
    int pieces,
    long valueBytes) {

  static KeyBackup of(Envelope envelope) {
    return new KeyBackup(
        envelope.key(),
        envelope.backupKey(),
        Instant.ofEpochMilli(envelope.createdMillis()),
        envelope.expiryMillis() < 0
            ? Optional.empty()
            : Optional.of(Instant.ofEpochMilli(envelope.expiryMillis())),
        envelope.divided() ? 1 : envelope.parts().size(),
        envelope.divided() ? envelope.parts().size() : 1,
        envelope.length());
  }
}
