package io.ringkeep.client;

import io.ringkeep.client.Exchange.Request;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import redis.clients.jedis.Protocol.Command;

/// The list of a key's backups: a hash in the cache, so that nobody has to scan for them. A field
/// is a backup key; its value is when the backup was made, in milliseconds since 1970.
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
    return Request.of(
        name(backup.key()), Command.HSET, backup.backupKey(), Text.bytes(backup.createdMillis()));
  }

  static Request remove(byte[] key, byte[] backupKey) {
    return Request.of(name(key), Command.HDEL, backupKey);
  }
}
