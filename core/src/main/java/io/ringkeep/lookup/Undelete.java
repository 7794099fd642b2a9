package io.ringkeep.lookup;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.Heat;
import io.ringkeep.model.Record;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
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
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Brings single keys back into a live cache, and touches no other key there.
///
/// All keys are found, and the target is asked about each of them, before the first is written.
/// Each is read back and compared.
public final class Undelete {
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
      KeyName key, Manifest snapshot, RunDescriptor run, TargetKey live, long expiryMillis) {}

  private final Request request;
  private final Repository repository;
  private final Clock clock;

  private Undelete(Request request, Repository repository, Clock clock) {
    this.request = request;
    this.repository = repository;
    this.clock = clock;
  }

  /// Brings the keys back.
  ///
  /// @throws NotFound if no snapshot has one of them; the hint names what is near
  /// @throws InvalidRequest if one has expired and is to expire as before
  /// @throws TargetRefused if one is there and is to stay, or the target can't take it
  /// @throws io.ringkeep.model.BackupException.AccessDenied if our user may not write or read them
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
    AskedRights rights = new AskedRights(request.connection());
    for (Step step : steps) {
      requireRoom(step, rights);
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
        TargetKey live =
            new TargetKey(
                key, request.target(), topology, request.connection(), repository.hashKey(), clock);
        return new Step(key, snapshot.orElseThrow(), run.get(), live, expiry);
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

  /// Asks the target about a key; nothing is changed.
  private void requireRoom(Step step, AskedRights rights) throws IOException {
    try (KeyReader reader = new KeyReader(repository, step.key().database(), step.key().bytes());
        KeyEntry entry = reader.open(step.run())) {
      step.live().requireRoom(entry.record(), request.present(), request.dropUnsupported(), rights);
    }
  }

  private Restored restore(Step step) throws IOException {
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
      boolean proven = step.live().put(record, request.present());
      return new Restored(
          step.key(),
          step.snapshot(),
          RdbType.logicalType(record.version(), record.type()),
          record.value().remaining(),
          step.expiryMillis(),
          step.live().endpoint(),
          proven);
    }
  }
}
