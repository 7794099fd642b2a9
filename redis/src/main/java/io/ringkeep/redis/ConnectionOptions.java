package io.ringkeep.redis;

import java.time.Duration;
import java.util.Optional;

/// How a server is dialled, and as whom.
///
/// @param user ACL user; `default` where absent
/// @param password sent by `AUTH` when present
/// @param tls TLS is spoken when present
/// @param connectTimeout longest wait for a connection, TLS handshake included in each step
/// @param commandTimeout longest wait for a reply's next byte
public record ConnectionOptions(
    Optional<String> user,
    Optional<Secret> password,
    Optional<TlsFiles> tls,
    Duration connectTimeout,
    Duration commandTimeout) {

  /// No user, no password, no TLS, ten seconds for a connection, thirty for a reply.
  public static final ConnectionOptions DEFAULT =
      new ConnectionOptions(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  /// The user a server sees.
  public String effectiveUser() {
    return user.orElse("default");
  }

  public ConnectionOptions withUser(Optional<String> newUser) {
    return new ConnectionOptions(newUser, password, tls, connectTimeout, commandTimeout);
  }

  public ConnectionOptions withPassword(Optional<Secret> newPassword) {
    return new ConnectionOptions(user, newPassword, tls, connectTimeout, commandTimeout);
  }

  public ConnectionOptions withTls(Optional<TlsFiles> newTls) {
    return new ConnectionOptions(user, password, newTls, connectTimeout, commandTimeout);
  }

  public ConnectionOptions withTimeouts(Duration connect, Duration command) {
    return new ConnectionOptions(user, password, tls, connect, command);
  }
}
