package io.ringkeep.client.repository;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Where a repository is, which of its caches is meant, and where that cache lives.
///
/// @param repository a folder, `s3://…`, `sftp://…`, or a file of settings that ends in `.yaml`
/// @param environment where a store's keys, and variables of a file of settings, are looked for
/// @param passphrase of the repository, if it needs one
/// @param cache name of the cache in the repository
/// @param database number of the keys' database
/// @param target the live cache
/// @param connection how its servers are dialled, and as whom
/// @param engine server program that rolls a shard forward to a moment between two backups;
///   searched for on the PATH if absent
/// @param timeout longest time for that
public record RepositoryAccess(
    String repository,
    Map<String, String> environment,
    Optional<Secret> passphrase,
    String cache,
    int database,
    RedisUri target,
    ConnectionOptions connection,
    Optional<Path> engine,
    Duration timeout) {
  public RepositoryAccess {
    environment = Map.copyOf(environment);
    if (database < 0) {
      throw new InvalidRequest("no such database: database=" + database, "count from 0");
    }
  }

  /// Cache `default`, database 0, ten minutes to roll forward, no passphrase and no login yet.
  ///
  /// @param repository a folder, `s3://…`, `sftp://…`, or a file of settings that ends in `.yaml`
  /// @param target `redis://host:port`, `redis-sentinel://…`, `rediss://…`: as the commands take it
  /// @throws InvalidRequest if the target is no such URL
  public static RepositoryAccess of(String repository, String target) {
    return new RepositoryAccess(
        repository,
        System.getenv(),
        Optional.empty(),
        "default",
        0,
        RedisUri.parse(target),
        ConnectionOptions.DEFAULT,
        Optional.empty(),
        Duration.ofMinutes(10));
  }

  /// With this passphrase.
  public RepositoryAccess passphrase(String secret) {
    return new RepositoryAccess(
        repository,
        environment,
        Optional.of(Secret.of(secret)),
        cache,
        database,
        target,
        connection,
        engine,
        timeout);
  }

  /// The cache that `backup --cache` named so.
  public RepositoryAccess cache(String name) {
    return new RepositoryAccess(
        repository, environment, passphrase, name, database, target, connection, engine, timeout);
  }

  /// Keys of this database.
  public RepositoryAccess database(int number) {
    return new RepositoryAccess(
        repository, environment, passphrase, cache, number, target, connection, engine, timeout);
  }

  /// Logged in to the cache's servers.
  public RepositoryAccess login(String user, String password) {
    return with(
        connection.withUser(Optional.of(user)).withPassword(Optional.of(Secret.of(password))));
  }

  /// With these files for TLS, which a `rediss` URL asks for.
  public RepositoryAccess tls(TlsFiles files) {
    return with(connection.withTls(Optional.of(files)));
  }

  private RepositoryAccess with(ConnectionOptions newConnection) {
    return new RepositoryAccess(
        repository,
        environment,
        passphrase,
        cache,
        database,
        target,
        newConnection,
        engine,
        timeout);
  }

  /// With this `redis-server` or `valkey-server` to roll shards forward.
  public RepositoryAccess engine(Path program) {
    return new RepositoryAccess(
        repository,
        environment,
        passphrase,
        cache,
        database,
        target,
        connection,
        Optional.of(program),
        timeout);
  }
}
