package io.ringkeep.lookup;

import io.ringkeep.lookup.KeyLookup.Found;
import io.ringkeep.lookup.KeyLookup.LogPlace;
import io.ringkeep.lookup.Undelete.Present;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Heat;
import io.ringkeep.model.Record;
import io.ringkeep.recover.Timelines;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
import io.ringkeep.restore.TtlPolicy;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Brings one key back into a live cache as it was at a moment, under its own name or another.
///
/// The moment is looked for in the log first, as [MomentLookup] does. The target is asked before
/// anything is written there, and what was written is read back.
public final class KeyReturn {
  /// What somebody asked for.
  ///
  /// @param key that is looked up
  /// @param moment whose value is wanted
  /// @param to name that it is written under
  /// @param ttl what becomes of its expiry
  /// @param engine server program that a shard is rolled forward in; searched for if absent
  /// @param timeout for rolling forward
  public record Request(
      String cache,
      KeyName key,
      Instant moment,
      KeyName to,
      RedisUri target,
      ConnectionOptions connection,
      Present present,
      TtlPolicy ttl,
      Optional<Path> engine,
      Duration timeout) {}

  /// A key that is back.
  ///
  /// @param snapshot that it was taken from, or that the log was replayed onto
  /// @param place in the log; empty if it is as the snapshot has it
  /// @param bytes length of its value's RDB bytes
  /// @param expiryMillis that it has now, or [Record#NO_EXPIRY]
  /// @param server that holds it now
  /// @param proven whether it was read back and is equal; a value above 64 MiB is not
  public record Returned(
      String snapshot,
      Optional<LogPlace> place,
      LogicalType type,
      long bytes,
      long expiryMillis,
      Endpoint server,
      boolean proven) {}

  private final Request request;
  private final Topology target;
  private final ConnectionOptions connection;
  private final Repository repository;
  private final Clock clock;

  private KeyReturn(Request request, Repository repository, Clock clock) {
    this.request = request;
    this.connection = request.connection().forUri(request.target());
    this.target = TopologyDiscovery.discover(request.target(), connection);
    this.repository = repository;
    this.clock = clock;
  }

  /// Brings it back.
  ///
  /// @throws io.ringkeep.model.BackupException.NotFound if there was no such key then; the hint
  ///   names what is near
  /// @throws InvalidRequest if it has expired and is to expire as before
  /// @throws io.ringkeep.model.BackupException.TargetRefused if the name is taken and is to stay,
  ///   or the target can't hold the value
  /// @throws io.ringkeep.model.BackupException.CorruptData if what holds it is damaged, or it came
  ///   back as another
  public static Returned run(Request request, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    KeyReturn back = new KeyReturn(request, repository, clock);
    return MomentLookup.get(
        repository,
        request.cache(),
        request.moment(),
        Timelines.NEWEST,
        request.key(),
        request.engine(),
        request.timeout(),
        clock,
        progress,
        back::put);
  }

  private Returned put(Found found) throws IOException {
    Record then = found.record();
    Record record =
        new Record(
            request.to().database(),
            request.to().bytes(),
            expiry(then),
            Heat.UNKNOWN,
            then.type(),
            then.version(),
            then.value());
    TargetKey live =
        new TargetKey(
            request.to(), request.target(), target, connection, repository.hashKey(), clock);
    live.requireRoom(
        record, request.present(), /* dropUnsupported= */ false, new AskedRights(connection));
    boolean proven = live.put(record, request.present());
    return new Returned(
        found.snapshot().id(),
        found.place(),
        found.type().logicalType(),
        record.value().remaining(),
        record.expiryMillis(),
        live.endpoint(),
        proven);
  }

  private long expiry(Record then) {
    long now = clock.millis();
    long expiry = request.ttl().expiry(then, request.moment().toEpochMilli(), now);
    if (expiry != Record.NO_EXPIRY && expiry <= now) {
      throw new InvalidRequest(
          "the key has expired since: %s expired=%s"
              .formatted(request.key(), Instant.ofEpochMilli(expiry)),
          "give it a time to live from now on, or none");
    }
    return expiry;
  }
}
