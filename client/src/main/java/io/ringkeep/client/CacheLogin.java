package io.ringkeep.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/// How servers are dialled, and as whom.
///
/// @param user ACL user; the default one where absent
/// @param password sent where present
/// @param dialer opens sockets, with TLS where that is spoken
/// @param timeout longest wait for a connection, and for a reply's next byte
public record CacheLogin(
    Optional<String> user, Optional<String> password, Dialer dialer, Duration timeout) {
  /// No login, no TLS, five seconds.
  public static final CacheLogin DEFAULT = plain(Duration.ofSeconds(5));

  /// Opens sockets. Thread-safe.
  @FunctionalInterface
  public interface Dialer {
    /// A connected socket whose reads wait no longer than the timeout.
    Socket open(String host, int port) throws IOException;
  }

  /// No login, no TLS.
  public static CacheLogin plain(Duration timeout) {
    int millis = Math.toIntExact(timeout.toMillis());
    return new CacheLogin(
        Optional.empty(),
        Optional.empty(),
        (host, port) -> {
          Socket socket = new Socket();
          try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(host, port), millis);
            socket.setSoTimeout(millis);
            return socket;
          } catch (IOException e) {
            socket.close();
            throw e;
          }
        },
        timeout);
  }

  /// The same, logged in.
  public CacheLogin as(String name, String secret) {
    return new CacheLogin(Optional.of(name), Optional.of(secret), dialer, timeout);
  }

  @Override
  public String toString() {
    return "CacheLogin[user=" + user.orElse("default") + ", timeout=" + timeout + "]";
  }
}
