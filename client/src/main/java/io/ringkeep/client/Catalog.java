package io.ringkeep.client;

import io.ringkeep.client.Exchange.Request;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import redis.clients.jedis.Protocol.Command;

/// The list of a key's backups: a hash in the cache, so that nobody has to scan for them. A field
/// is a backup key; its value is when the backup was made, in milliseconds since 1970, and behind a
/// space how many copies it has. Older ones have the time only.
///
/// It is a help, not the truth: a backup that was evicted or expired is still listed until somebody
/// looks.
final class Catalog {
  private static final byte[] PREFIX = "ringkeep:backups:".getBytes(StandardCharsets.US_ASCII);

  private Catalog() {}

  /// In the key's own slot where the key has a hash tag.
  static byte[] name(byte[] key) {
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    name.writeBytes(PREFIX);
    name.writeBytes(key);
    return name.toByteArray();
  }

  static Request add(Envelope backup) {
    int copies = backup.divided() ? 1 : backup.parts().size();
    return Request.of(
        name(backup.key()),
        Command.HSET,
        backup.backupKey(),
        Text.bytes(backup.createdMillis() + " " + copies));
  }

  /// Whether a backup may have more copies than the one at its backup key.
  ///
  /// @param entry value of its field
  static boolean mayHaveCopies(byte[] entry) {
    return !new String(entry, StandardCharsets.US_ASCII).endsWith(" 1");
  }

  /// When a backup was made.
  ///
  /// @param entry value of its field; what is no time counts as 1970
  static Instant created(byte[] entry) {
    String millis = new String(entry, StandardCharsets.US_ASCII).split(" ", 2)[0];
    return Instant.ofEpochMilli(millis.matches("[0-9]{1,15}") ? Long.parseLong(millis) : 0);
  }

  static Request entry(byte[] key, byte[] backupKey) {
    return Request.of(name(key), Command.HGET, backupKey);
  }

  static Request remove(byte[] key, byte[] backupKey) {
    return Request.of(name(key), Command.HDEL, backupKey);
  }
}
