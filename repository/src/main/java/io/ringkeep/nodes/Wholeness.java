package io.ringkeep.nodes;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.SealedObjects;
import java.nio.ByteBuffer;

/// Tells a whole object from a damaged one, without a key.
public final class Wholeness {
  private Wholeness() {}

  /// Whether an object that does not lie in pieces is what was written: sealed ones end with the
  /// digest of the rest, documents with their checksum.
  public static boolean of(String key, ByteBuffer bytes) {
    try {
      if (Tombstones.is(key)) {
        return !bytes.hasRemaining();
      }
      if (key.startsWith("caches/")) {
        return SealedObjects.digestMatches(bytes);
      }
      boolean document = key.endsWith(".json") || key.equals(Repository.FILE);
      return !document || Json.checksumMatches(bytes);
    } catch (BackupException e) {
      return false;
    }
  }
}
