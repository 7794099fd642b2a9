package io.ringkeep.restore;

import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// What the operator asked to have restored, and how.
///
/// @param cache name of the lineage
/// @param snapshot `latest`, an id, or the start of one
/// @param target where the records go
/// @param connection how its servers are logged into
/// @param existing what happens to data that is there
/// @param loader how records get in
/// @param proof what is compared at the end
/// @param advertise address under which the target's servers reach this host, if it can't be found
///   out
/// @param timeout how long the whole restore may take
/// @param options what makes it other than a plain restore of everything
public record RestoreRequest(
    String cache,
    String snapshot,
    RedisUri target,
    ConnectionOptions connection,
    Existing existing,
    Loader loader,
    Proof proof,
    Optional<InetAddress> advertise,
    Duration timeout,
    RestoreOptions options) {

  /// A plain restore of everything.
  public RestoreRequest(
      String cache,
      String snapshot,
      RedisUri target,
      ConnectionOptions connection,
      Existing existing,
      Loader loader,
      Proof proof,
      Optional<InetAddress> advertise,
      Duration timeout) {
    this(
        cache,
        snapshot,
        target,
        connection,
        existing,
        loader,
        proof,
        advertise,
        timeout,
        RestoreOptions.PLAIN);
  }

  /// The same of another snapshot.
  public RestoreRequest of(String other) {
    return new RestoreRequest(
        cache, other, target, connection, existing, loader, proof, advertise, timeout, options);
  }

  /// The same with other options.
  public RestoreRequest with(RestoreOptions other) {
    return new RestoreRequest(
        cache, snapshot, target, connection, existing, loader, proof, advertise, timeout, other);
  }
}
