package io.ringkeep.lookup;

import io.ringkeep.lookup.Undelete.Present;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Bytes;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.Job;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.command.KeyWriter;
import io.ringkeep.redis.command.Lens;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.redis.command.LossFinder;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.replication.BulkRestore;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/// One key of a live cache: asked about, written, read back. No other key is touched.
final class TargetKey {
  /// A reply is gathered on the heap.
  private static final int MOST_READ_BACK_BYTES = 64 << 20;

  private static final Duration CUT_AHEAD = Duration.ofMinutes(10);

  private final KeyName key;
  private final Endpoint endpoint;
  private final List<EngineVersion> followers;
  private final ConnectionOptions connection;
  private final HashKey hashKey;
  private final Clock clock;
  private final RecordFingerprinter fingerprinter;

  /// @param uri that `cache` was found by
  /// @throws TargetRefused if no server serves the key's slot
  TargetKey(
      KeyName key,
      RedisUri uri,
      Topology cache,
      ConnectionOptions connection,
      HashKey hashKey,
      Clock clock) {
    this.key = key;
    Shard shard =
        uri.ring()
            .map(ring -> cache.shards().get(new KeyRing(ring).owner(key.bytes())))
            .orElseGet(() -> owner(key, cache));
    this.endpoint = shard.primary().endpoint();
    this.followers = shard.followerEngines();
    this.connection = connection;
    this.hashKey = hashKey;
    this.clock = clock;
    fingerprinter = new RecordFingerprinter(hashKey);
  }

  private static Shard owner(KeyName key, Topology cache) {
    int slot = Slot.of(key.bytes());
    return cache.shards().stream()
        .filter(shard -> shard.slots().stream().anyMatch(range -> range.contains(slot)))
        .findFirst()
        .orElseThrow(() ->
            new TargetRefused(
                "no server of the target serves the key's slot: %s slot=%d".formatted(key, slot),
                "mend the cluster first"));
  }

  /// The server that holds it.
  Endpoint endpoint() {
    return endpoint;
  }

  /// Asks the server whether the record can be put here; nothing is changed.
  ///
  /// @param dropUnsupported whether what the server can't hold of it is left out
  /// @throws TargetRefused if it can't hold it, or the key is there and is to stay
  /// @throws io.ringkeep.model.BackupException.AccessDenied if our user may not
  void requireRoom(Record record, Present present, boolean dropUnsupported, AskedRights rights)
      throws IOException {
    rights.require(endpoint, Set.of(Job.UNDELETE));
    try (ServerConnection server = open()) {
      ServerFacts facts = ServerFacts.of(server);
      Ability ability = ability(facts);
      Set<Loss> losses = new LossFinder(ability).losses(record);
      boolean keyIsLost = losses.stream().anyMatch(Loss::wholeKey);
      if (keyIsLost || (!losses.isEmpty() && !dropUnsupported)) {
        boolean replicasOnly = new LossFinder(Ability.of(facts)).losses(record).isEmpty();
        throw new TargetRefused(
            "the target can't hold all of the key: %s engine=%s replicas=%s lost=%s"
                .formatted(
                    key,
                    facts.engine(),
                    followers,
                    losses.stream().map(Loss::words).sorted().toList()),
            (replicasOnly ? "upgrade the replicas first; or else " : "")
                + (keyIsLost
                    ? "'ringkeep get' shows the value"
                    : "--drop-unsupported brings back the rest; 'ringkeep get' shows the value"));
      }
      if (!ability.restores(record)) {
        rights.require(endpoint, ability.writing());
      }
      boolean there = Reply.number(server.command(word("EXISTS"), Bytes.of(key.bytes()))) > 0;
      if (there && present == Present.REFUSE) {
        throw exists();
      }
    }
  }

  /// Writes a record under this name: as its bytes where the server takes them, else as commands.
  /// Then reads it back.
  ///
  /// @return whether it was read back and is equal; false if it is too large for that
  /// @throws TargetRefused if the server does not take it
  /// @throws Unavailable if the key's slot is being moved
  /// @throws CorruptData if it came back as another
  boolean put(Record record, Present present) throws IOException {
    boolean replace = present == Present.REPLACE;
    Ability ability = ability();
    if (ability.restores(record)) {
      putBytes(record, replace);
    } else {
      putCommands(record, replace, ability);
    }
    return readBack(record);
  }

  private void putCommands(Record record, boolean replace, Ability ability) throws IOException {
    try (KeyWriter writer = KeyWriter.open(endpoint, connection, ability)) {
      writer.write(record, replace, clock.millis());
      writer.flush();
      requireServed(writer.elsewhere());
      if (writer.existing() > 0) {
        throw exists();
      }
    }
  }

  private void putBytes(Record record, boolean replace) throws IOException {
    try (BulkRestore restore =
        BulkRestore.open(endpoint, connection, BulkRestore.Options.DEFAULT)) {
      restore.restore(record, DumpPayload.stampFor(record.version(), record.type()), replace);
      restore.flush();
      requireServed(restore.elsewhere());
      if (restore.counts().existing() > 0) {
        throw exists();
      }
      if (restore.counts().refused() > 0) {
        throw new TargetRefused(
            "the target refuses the key: server=%s %s"
                .formatted(endpoint, restore.failures().getFirst()),
            "keys named before it are back");
      }
    }
  }

  private TargetRefused exists() {
    return new TargetRefused(
        "the key is on the target: server=%s %s".formatted(endpoint, key),
        "--existing replace replaces it (an application: a restore that replaces); nothing was changed");
  }

  private void requireServed(BitSet elsewhere) {
    if (!elsewhere.isEmpty()) {
      throw new Unavailable(
          "the key's slot is being moved: server=%s %s".formatted(endpoint, key),
          "it was not written; try again when that has ended",
          null);
    }
  }

  private Ability ability() {
    try (ServerConnection server = open()) {
      return ability(ServerFacts.of(server));
    }
  }

  /// What the server can hold, and the replicas that repeat what it is sent.
  private Ability ability(ServerFacts facts) {
    return Ability.of(facts).withFollowers(followers);
  }

  private boolean readBack(Record sent) {
    if (sent.value().remaining() > MOST_READ_BACK_BYTES) {
      return false;
    }
    try (ServerConnection server = open()) {
      ServerFacts facts = ServerFacts.of(server);
      Object reply = server.command(word("DUMP"), Bytes.of(key.bytes()));
      if (!(reply instanceof byte[] payload) || payload.length < DumpPayload.TRAILER_BYTES + 1) {
        throw differs("it is not there");
      }
      Record held =
          DumpPayload.record(
              sent.database(),
              sent.key(),
              sent.expiryMillis(),
              ByteBuffer.wrap(payload),
              facts.engine().newestRdb());
      // Fields that expire meanwhile are gone there, and are left out on both sides.
      Lens lens = new Lens(ability(facts), clock.millis() + CUT_AHEAD.toMillis(), hashKey);
      if (!lens.fingerprint(held, fingerprinter.fingerprint(held))
          .equals(lens.fingerprint(sent, fingerprinter.fingerprint(sent)))) {
        throw differs("its value is another");
      }
      long left = Reply.number(server.command(word("PTTL"), Bytes.of(key.bytes())));
      if ((left >= 0) != sent.expires()) {
        throw differs("its expiry is another");
      }
      return true;
    }
  }

  private CorruptData differs(String how) {
    return new CorruptData(
        "the key was written and came back otherwise: server=%s %s: %s"
            .formatted(endpoint, key, how),
        "somebody may have written to it meanwhile: look, and bring it back again",
        null);
  }

  private ServerConnection open() {
    ServerConnection server = ServerConnection.open(endpoint, connection);
    try {
      if (key.database() != 0) {
        server.command("SELECT", Integer.toString(key.database()));
      }
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static byte[] word(String command) {
    return command.getBytes(StandardCharsets.US_ASCII);
  }
}
