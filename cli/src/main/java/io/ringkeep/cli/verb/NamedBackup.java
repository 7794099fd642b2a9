package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Session;
import io.ringkeep.client.KeyBackups;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The backup of a key that a command means, and the cache that it is in.
final class NamedBackup {
  @Parameters(paramLabel = "BACKUP_KEY", description = "name of the backup")
  private String backupKey = "";

  @Mixin private KeySource cache = new KeySource();

  KeyBackups open(Session session) {
    return cache.open(session);
  }

  byte[] bytes() {
    return KeySource.bytes(backupKey);
  }

  /// As it was given.
  String text() {
    return backupKey;
  }
}
