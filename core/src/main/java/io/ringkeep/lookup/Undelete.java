package io.ringkeep.lookup;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Heat;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
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
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.replication.BulkRestore;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.KeyReader;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.KeyEntry;
import io.ringkeep.restore.TtlPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Brings single keys back into a live cache, and touches no other key there.
///
/// All keys are found, and the target is asked about each of them, before the first is written.
/// Each is read back and compared.
public final class Undelete {
  /// A reply is gathered on the heap.
  private static final int MOST_READ_BACK_BYTES = 64 << 20;

  private static final Duration CUT_AHEAD = Duration.ofMinutes(10);

  /// What happens if the key is there.
  public enum Present {
    /// Nothing is written at all.
    REFUSE,
    /// It is replaced.
    REPLACE
  }

  /// What the operator asked for.
  ///
  /// @param which snapshot the keys are taken from; else, for each, the newest one that has it
  /// @param ttl what becomes of expiries
  /// @param dropUnsupported whether what the target can't hold of a key is left out; else such a
  ///   key is refused
  public record Request(
      String cache,
      Optional<Which> which,
      List<KeyName> keys,
      RedisUri target,
      ConnectionOptions connection,
      Present present,
      TtlPolicy ttl,
      boolean dropUnsupported) {
    public Request {
      keys = List.copyOf(keys);
    }
  }

  /// A key that is back.
  ///
  /// @param snapshot that it was taken from
  /// @param bytes length of its value's RDB bytes
  /// @param expiryMillis that it has now, or [Record#NO_EXPIRY]
  /// @param server that holds it now
  /// @param proven whether it was read back and is equal; a value above 64 MiB is not
  public record Restored(
      KeyName key,
      Manifest snapshot,
      LogicalType type,
      long bytes,
      long expiryMillis,
      Endpoint server,
      boolean proven) {}

  /// Where a key is to be taken from and put.
  private record Step(
      KeyName key, Manifest snapshot, RunDescriptor run, Shard shard, long expiryMillis) {}

  private final Request request;
  private final Repository repository;
  private final Clock clock;
  private final RecordFingerprinter fingerprinter;

  private Undelete(Request request, Repository repository, Clock clock) {
    this.request = request;
    this.repository = repository;
    this.clock = clock;
    fingerprinter = new RecordFingerprinter(repository.hashKey());
  }

  /// Brings the keys back.
  ///
  /// @throws NotFound if no snapshot has one of them; the hint names what is near
  /// @throws InvalidRequest if one has expired and is to expire as before
  /// @throws TargetRefused if one is there and is to stay, or the target can't take it
  /// @throws CorruptData if what holds one is damaged, or it came back as another
  public static List<Restored> run(Request request, Repository repository, Clock clock)
      throws IOException {
    try (Lease _ = repository.leases().acquireRead("undelete")) {
      return Damage.explained(
          repository, request.cache(), new Undelete(request, repository, clock)::run);
    }
  }

  private List<Restored> run() throws IOException {
    List<Step> steps = new ArrayList<>();
    Topology topology = TopologyDiscovery.discover(request.target(), request.connection());
    for (KeyName key : request.keys()) {
      steps.add(find(key, topology));
    }
    for (Step step : steps) {
      requireAbsent(step);
    }
    List<Restored> restored = new ArrayList<>();
    for (Step step : steps) {
      restored.add(restore(step));
    }
    return restored;
  }

  private Step find(KeyName key, Topology topology) throws IOException {
    try (KeyReader reader = new KeyReader(repository, key.database(), key.bytes())) {
      Manifest newest =
          request.which().isPresent()
              ? request.which().get().of(repository, request.cache())
              : repository.snapshots(request.cache()).resolve("latest");
      Optional<Manifest> snapshot = Optional.of(newest);
      Optional<RunDescriptor> run = reader.holder(newest);
      if (run.isEmpty() && request.which().isEmpty()) {
        snapshot = newestWith(reader);
        run = snapshot.isEmpty() ? Optional.empty() : reader.holder(snapshot.get());
      }
      if (run.isEmpty()) {
        throw new NotFound(
            "no snapshot has the key: cache=%s %s".formatted(request.cache(), key),
            new NearestKeys(repository, request.cache(), newest, key, reader).hint());
      }
      try (KeyEntry entry = reader.open(run.get())) {
        long expiry = expiry(key, entry.record(), snapshot.orElseThrow());
        return new Step(key, snapshot.orElseThrow(), run.get(), shard(key, topology), expiry);
      }
    }
  }

  private Optional<Manifest> newestWith(KeyReader reader) throws IOException {
    for (SnapshotReference reference :
        repository.snapshots(request.cache()).references().reversed()) {
      Manifest manifest = repository.snapshots(request.cache()).read(reference);
      if (reader.holder(manifest).isPresent()) {
        return Optional.of(manifest);
      }
    }
    return Optional.empty();
  }

  private long expiry(KeyName key, Record record, Manifest snapshot) {
    long now = clock.millis();
    long expiry = request.ttl().expiry(record, snapshot.time().toEpochMilli(), now);
    if (expiry != Record.NO_EXPIRY && expiry <= now) {
      throw new InvalidRequest(
          "the key has expired since: %s expired=%s".formatted(key, Instant.ofEpochMilli(expiry)),
          "--ttl persist brings it back without an expiry, --ttl shift with the time it had left,"
              + " --ttl floor:1h with an hour");
    }
    return expiry;
  }

  private static Shard shard(KeyName key, Topology topology) {
    int slot = Slot.of(key.bytes());
    return topology.shards().stream()
        .filter(shard -> shard.slots().stream().anyMatch(range -> range.contains(slot)))
        .findFirst()
        .orElseThrow(() ->
            new TargetRefused(
                "no server of the target serves the key's slot: %s slot=%d".formatted(key, slot),
                "mend the cluster first"));
  }

  /// Asks the target about a key; nothing is changed.
  private void requireAbsent(Step step) throws IOException {
    try (ServerConnection server = open(step);
        KeyReader reader = new KeyReader(repository, step.key().database(), step.key().bytes());
        KeyEntry entry = reader.open(step.run())) {
      ServerFacts facts = ServerFacts.of(server);
      Set<Loss> losses = new LossFinder(Ability.of(facts)).losses(entry.record());
      boolean keyIsLost = losses.stream().anyMatch(Loss::wholeKey);
      if (keyIsLost || (!losses.isEmpty() && !request.dropUnsupported())) {
        throw new TargetRefused(
            "the target can't hold all of the key: %s engine=%s lost=%s"
                .formatted(
                    step.key(), facts.engine(), losses.stream().map(Loss::words).sorted().toList()),
            keyIsLost
                ? "'ringkeep get' shows the value"
                : "--drop-unsupported brings back the rest; 'ringkeep get' shows the value");
      }
      boolean there = Reply.number(server.command(word("EXISTS"), name(step.key()))) > 0;
      if (there && request.present() == Present.REFUSE) {
        throw exists(step);
      }
    }
  }

  private static TargetRefused exists(Step step) {
    return new TargetRefused(
        "the key is on the target: server=%s %s"
            .formatted(step.shard().primary().endpoint(), step.key()),
        "--existing replace replaces it; nothing was changed");
  }

  private Restored restore(Step step) throws IOException {
    Endpoint endpoint = step.shard().primary().endpoint();
    try (KeyReader reader = new KeyReader(repository, step.key().database(), step.key().bytes());
        KeyEntry entry = reader.open(step.run())) {
      Record stored = entry.record();
      Record record =
          new Record(
              stored.database(),
              stored.key(),
              step.expiryMillis(),
              Heat.UNKNOWN,
              stored.type(),
              stored.version(),
              stored.value());
      write(step, record);
      return new Restored(
          step.key(),
          step.snapshot(),
          RdbType.logicalType(record.version(), record.type()),
          record.value().remaining(),
          step.expiryMillis(),
          endpoint,
          readBack(step, record));
    }
  }

  /// As its bytes where the server takes them, else as commands.
  private void write(Step step, Record record) throws IOException {
    Endpoint endpoint = step.shard().primary().endpoint();
    boolean replace = request.present() == Present.REPLACE;
    Ability ability = ability(step);
    if (!ability.restores(record)) {
      try (KeyWriter writer = KeyWriter.open(endpoint, request.connection(), ability)) {
        writer.write(record, replace, clock.millis());
        writer.flush();
        requireServed(step, writer.elsewhere());
        if (writer.existing() > 0) {
          throw exists(step);
        }
      }
      return;
    }
    try (BulkRestore restore =
        BulkRestore.open(endpoint, request.connection(), BulkRestore.Options.DEFAULT)) {
      restore.restore(record, DumpPayload.stampFor(record.version(), record.type()), replace);
      restore.flush();
      requireServed(step, restore.elsewhere());
      if (restore.counts().existing() > 0) {
        throw exists(step);
      }
      if (restore.counts().refused() > 0) {
        throw new TargetRefused(
            "the target refuses the key: server=%s %s"
                .formatted(endpoint, restore.failures().getFirst()),
            "keys named before it are back");
      }
    }
  }

  private static void requireServed(Step step, BitSet elsewhere) {
    if (!elsewhere.isEmpty()) {
      throw new Unavailable(
          "the key's slot is being moved: server=%s %s"
              .formatted(step.shard().primary().endpoint(), step.key()),
          "it was not written; try again when that has ended",
          null);
    }
  }

  private Ability ability(Step step) {
    try (ServerConnection server = open(step)) {
      return Ability.of(ServerFacts.of(server));
    }
  }

  /// Compares what the target holds now; false if the value is too large for that.
  private boolean readBack(Step step, Record sent) {
    if (sent.value().remaining() > MOST_READ_BACK_BYTES) {
      return false;
    }
    try (ServerConnection server = open(step)) {
      ServerFacts facts = ServerFacts.of(server);
      Object reply = server.command(word("DUMP"), name(step.key()));
      if (!(reply instanceof byte[] payload) || payload.length < DumpPayload.TRAILER_BYTES + 1) {
        throw differs(step, "it is not there");
      }
      Record held =
          new Record(
              sent.database(),
              sent.key(),
              sent.expiryMillis(),
              Heat.UNKNOWN,
              Byte.toUnsignedInt(payload[0]),
              facts.engine().newestRdb(),
              direct(
                  payload,
                  DumpPayload.HEAD_BYTES,
                  payload.length - DumpPayload.HEAD_BYTES - DumpPayload.TRAILER_BYTES));
      // Fields that expire meanwhile are gone there, and are left out on both sides.
      Lens lens =
          new Lens(Ability.of(facts), clock.millis() + CUT_AHEAD.toMillis(), repository.hashKey());
      if (!lens.fingerprint(held, fingerprinter.fingerprint(held))
          .equals(lens.fingerprint(sent, fingerprinter.fingerprint(sent)))) {
        throw differs(step, "its value is another");
      }
      long left = Reply.number(server.command(word("PTTL"), name(step.key())));
      if ((left >= 0) != sent.expires()) {
        throw differs(step, "its expiry is another");
      }
      return true;
    }
  }

  private static CorruptData differs(Step step, String how) {
    return new CorruptData(
        "the key was written and came back otherwise: server=%s %s: %s"
            .formatted(step.shard().primary().endpoint(), step.key(), how),
        "somebody may have written to it meanwhile: look, and undelete it again",
        null);
  }

  private ServerConnection open(Step step) {
    ServerConnection server =
        ServerConnection.open(step.shard().primary().endpoint(), request.connection());
    try {
      if (step.key().database() != 0) {
        server.command("SELECT", Integer.toString(step.key().database()));
      }
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static ByteBuffer direct(byte[] bytes, int from, int length) {
    return ByteBuffer.allocateDirect(length).put(bytes, from, length).flip();
  }

  private static byte[] name(KeyName key) {
    byte[] name = new byte[key.bytes().remaining()];
    key.bytes().get(key.bytes().position(), name);
    return name;
  }

  private static byte[] word(String command) {
    return command.getBytes(StandardCharsets.US_ASCII);
  }
}
