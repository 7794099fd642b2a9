package io.ringkeep.client;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A key and the key of its backup.
@SuppressWarnings("ArrayRecordComponent") // nobody compares these
public record KeyPair(byte[] key, byte[] backupKey) {
  public KeyPair {
    if (Arrays.equals(key, backupKey)) {
      throw new InvalidRequest(
          "a key can't be its own backup: key=" + new String(key, StandardCharsets.UTF_8),
          "name another backup key");
    }
    if (backupKey.length == 0) {
      throw new InvalidRequest("a backup key has at least a byte", "name one");
    }
  }

  /// In UTF-8.
  public static KeyPair of(String key, String backupKey) {
    return new KeyPair(
        key.getBytes(StandardCharsets.UTF_8), backupKey.getBytes(StandardCharsets.UTF_8));
  }
}
