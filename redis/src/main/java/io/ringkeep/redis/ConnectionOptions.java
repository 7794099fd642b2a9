package io.ringkeep.redis;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.util.Optional;

/// How a server is dialled, and as whom.
///
/// @param user ACL user; `default` where absent
/// @param password sent by `AUTH` when present
/// @param sentinels how the servers' Sentinels are logged into; empty where these options are for a
///   Sentinel itself
/// @param tls TLS is spoken when present
/// @param connectTimeout longest wait for a connection, TLS handshake included in each step
/// @param commandTimeout longest wait for a reply's next byte
public record ConnectionOptions(
    Optional<String> user,
    Optional<Secret> password,
    Optional<Login> sentinels,
    Optional<TlsFiles> tls,
    Duration connectTimeout,
    Duration commandTimeout) {

  /// No user, no password, no TLS, ten seconds for a connection, thirty for a reply.
  public static final ConnectionOptions DEFAULT =
      new ConnectionOptions(
          Optional.empty(),
          Optional.empty(),
          Optional.of(Login.NONE),
          Optional.empty(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  /// The user a server sees.
  public String effectiveUser() {
    return user.orElse("default");
  }

  /// These, as `uri` wants them: its user, and TLS if and only if its scheme says so.
  ///
  /// @throws InvalidRequest if two users are named, or TLS files given for a URL without TLS: the
  ///   password would go over the wire in the clear
  public ConnectionOptions forUri(RedisUri uri) {
    if (uri.user().isPresent() && user.isPresent() && !uri.user().equals(user)) {
      throw new InvalidRequest(
          "two users are named: url=" + uri + " user=" + user.get(), "name one of them");
    }
    if (!uri.tls() && tls.isPresent()) {
      throw new InvalidRequest(
          "TLS files are given for a URL without TLS: url=" + uri,
          "write rediss:// or rediss-sentinel://, or leave the files out");
    }
    return new ConnectionOptions(
        uri.user().or(() -> user),
        password,
        sentinels,
        uri.tls() ? tls.or(() -> Optional.of(TlsFiles.none())) : Optional.empty(),
        connectTimeout,
        commandTimeout);
  }

  /// These for the servers' Sentinels, which have users and passwords of their own, or none.
  public ConnectionOptions forSentinel() {
    Login login = sentinels.orElseThrow();
    return new ConnectionOptions(
        login.user(), login.password(), Optional.empty(), tls, connectTimeout, commandTimeout);
  }

  boolean isForSentinel() {
    return sentinels.isEmpty();
  }

  /// Where the password belongs, as a hint says it.
  String passwordPlace() {
    return isForSentinel() ? Login.SENTINEL_PASSWORD_PLACE : Login.PASSWORD_PLACE;
  }

  public ConnectionOptions withSentinels(Login newSentinels) {
    return new ConnectionOptions(
        user, password, Optional.of(newSentinels), tls, connectTimeout, commandTimeout);
  }

  public ConnectionOptions withUser(Optional<String> newUser) {
    return new ConnectionOptions(newUser, password, sentinels, tls, connectTimeout, commandTimeout);
  }

  public ConnectionOptions withPassword(Optional<Secret> newPassword) {
    return new ConnectionOptions(user, newPassword, sentinels, tls, connectTimeout, commandTimeout);
  }

  public ConnectionOptions withTls(Optional<TlsFiles> newTls) {
    return new ConnectionOptions(user, password, sentinels, newTls, connectTimeout, commandTimeout);
  }

  public ConnectionOptions withTimeouts(Duration connect, Duration command) {
    return new ConnectionOptions(user, password, sentinels, tls, connect, command);
  }
}
