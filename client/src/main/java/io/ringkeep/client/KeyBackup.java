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
/// @param fault why it can't be read: it is damaged, or its primary is away; empty: what stands at
///   the backup key, or one of its copies, is whole. With a fault, the list of the key's backups
///   has told the name and the time; what else it was is not known: no expiry, and numbers are 0
@SuppressWarnings("ArrayRecordComponent") // nobody compares these
public record KeyBackup(
    byte[] key,
    byte[] backupKey,
    Instant created,
    Optional<Instant> expiry,
    int copies,
    int pieces,
    long valueBytes,
    Optional<String> fault) {

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
        envelope.length(),
        Optional.empty());
  }

  /// One that is listed and can't be read.
  static KeyBackup unreadable(byte[] key, byte[] backupKey, Instant created, String fault) {
    return new KeyBackup(
        key, backupKey, created, Optional.empty(), 0, 0, /* valueBytes= */ 0, Optional.of(fault));
  }
}
