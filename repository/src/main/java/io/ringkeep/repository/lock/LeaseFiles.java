package io.ringkeep.repository.lock;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.json.Json;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The files of leases: their names, their documents, and how they are read.
///
/// Damage in them must not stop work for ever: a claim that cannot be read has an unknown holder, a
/// beat that cannot be read is a beat that does not change.
///
/// @param store where they lie
record LeaseFiles(ObjectStore store) {
  static final int FORMAT = 1;
  static final String READ = "control/read/";

  /// A link of a chain: `control/lease/<resource>/<epoch>.json`. Never changes, never goes.
  record Claim(int format, String resource, long epoch, LeaseHolder holder, long ttlMillis) {}

  /// The sign of life of a holder: `control/heartbeat/<resource>/<epoch>.json`. Changes as long as
  /// the holder lives.
  ///
  /// @param at by the holder's own clock
  record Heartbeat(int format, long epoch, String nonce, long beat, Instant at, boolean released) {}

  /// A read lease with its sign of life: `control/read/<nonce>.json`. Deleted when released.
  record Reader(int format, LeaseHolder holder, long ttlMillis, long beat, Instant at) {}

  static String claimKey(String resource, long epoch) {
    return "control/lease/%s/%016x.json".formatted(resource, epoch);
  }

  static String heartbeatKey(String resource, long epoch) {
    return "control/heartbeat/%s/%016x.json".formatted(resource, epoch);
  }

  static String readerKey(String nonce) {
    return READ + nonce + ".json";
  }

  /// The newest link of a chain.
  Optional<Claim> latestClaim(String resource, long defaultTtlMillis) throws IOException {
    List<ObjectInfo> chain = store.list("control/lease/%s/".formatted(resource));
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    String key = chain.getLast().key();
    long epoch = epoch(key);
    Optional<ByteBuffer> bytes = read(key);
    if (bytes.isEmpty()) {
      throw new CorruptData("a link of a lease's chain is gone: file=" + key, null, null);
    }
    try {
      Claim claim = Json.readChecked(key, bytes.get(), FORMAT, Claim.class);
      if (claim.epoch == epoch && claim.resource.equals(resource)) {
        return Optional.of(claim);
      }
    } catch (CorruptData e) {
      // Somebody's, whoever that is.
    }
    LeaseHolder unknown = new LeaseHolder("unknown", 0, "unknown", Instant.EPOCH, "unknown");
    return Optional.of(new Claim(FORMAT, resource, epoch, unknown, defaultTtlMillis));
  }

  private static long epoch(String key) {
    String name = key.substring(key.lastIndexOf('/') + 1);
    try {
      return Long.parseUnsignedLong(name.replace(".json", ""), 16);
    } catch (NumberFormatException e) {
      throw new CorruptData("not a link of a lease's chain: file=" + key, "remove it", e);
    }
  }

  Optional<Heartbeat> heartbeat(String key, Optional<ByteBuffer> bytes) {
    try {
      return bytes.map(content -> Json.readChecked(key, content, FORMAT, Heartbeat.class));
    } catch (CorruptData e) {
      return Optional.empty();
    }
  }

  Optional<Reader> reader(String key, ByteBuffer bytes) {
    try {
      return Optional.of(Json.readChecked(key, bytes, FORMAT, Reader.class));
    } catch (CorruptData e) {
      return Optional.empty();
    }
  }

  Optional<ByteBuffer> read(String key) throws IOException {
    try {
      return Optional.of(store.read(key));
    } catch (NoSuchObjectException e) {
      return Optional.empty();
    }
  }
}
