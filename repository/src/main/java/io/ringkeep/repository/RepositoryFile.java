package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.json.Json;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/// What a repository is: the checked document `REPOSITORY`, written once: creating it makes the
/// repository.
///
/// @param magic always `ringkeep`
/// @param id 32 hex digits, random
/// @param encryption wire name of an [Encryption]
/// @param features what a reader must know of beyond the format
record RepositoryFile(
    String magic,
    int format,
    String id,
    Instant created,
    String encryption,
    List<String> features) {
  static final String NAME = "REPOSITORY";
  static final int FORMAT = 1;

  private static final String MAGIC = "ringkeep";
  private static final String NEWER = "use a newer version of Ringkeep";

  static RepositoryFile of(String id, Instant created, Encryption encryption) {
    return new RepositoryFile(MAGIC, FORMAT, id, created, encryption.wireName(), List.of());
  }

  /// @throws UnsupportedFormat if it is of a newer format, or needs what this version does not know
  /// @throws CorruptData if it is damaged
  static RepositoryFile read(ByteBuffer bytes) {
    RepositoryFile file = Json.readChecked(NAME, bytes, FORMAT, RepositoryFile.class);
    if (!file.magic.equals(MAGIC) || !file.id.matches("[0-9a-f]{32}")) {
      throw new CorruptData(
          "not a repository: file=%s magic=%s id=%s".formatted(NAME, file.magic, file.id),
          "use another copy of the file",
          null);
    }
    if (!file.features.isEmpty()) {
      throw new UnsupportedFormat(
          "repository uses unknown features: features=" + String.join(",", file.features), NEWER);
    }
    file.cipher();
    return file;
  }

  ByteBuffer bytes() {
    return Json.writeChecked(this);
  }

  Encryption cipher() {
    return Encryption.named(encryption)
        .orElseThrow(() ->
            new UnsupportedFormat(
                "repository is encrypted in an unknown way: encryption=" + encryption, NEWER));
  }
}
