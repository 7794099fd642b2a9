package io.ringkeep.redis;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a cache is found: some of its servers, or the Sentinels that watch it.
///
/// ```
/// redis://[user@]host[:port][,host[:port]…]            one server, or seeds of a cluster
/// redis-sentinel://[user@]host[:port][,…]/name         Sentinels, and the primary's name there
/// rediss://…  rediss-sentinel://…                      the same over TLS
/// ```
///
/// The user is the servers' one, percent-encoded where need be. A password has no place here: what
/// stands on a command line stands in the process list.
///
/// @param kind what the endpoints are
/// @param tls whether TLS is spoken
/// @param user ACL user of the servers
/// @param endpoints at least one, asked in this order
/// @param monitoredName the primary's name in the Sentinels' configuration
public record RedisUri(
    Kind kind,
    boolean tls,
    Optional<String> user,
    List<Endpoint> endpoints,
    Optional<String> monitoredName) {

  private static final int SERVER_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  /// What the endpoints of a URL are.
  public enum Kind {
    /// Servers of the cache itself.
    DIRECT,
    /// Sentinels.
    SENTINEL
  }

  public RedisUri {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty() || (kind == Kind.SENTINEL) != monitoredName.isPresent()) {
      throw new IllegalArgumentException("no endpoint, or no name for Sentinel");
    }
  }

  /// Reads one of the forms above.
  ///
  /// @throws InvalidRequest if it is none of them or holds a password; the message repeats neither
  public static RedisUri parse(String text) {
    int scheme = text.indexOf("://");
    String name = scheme < 0 ? "" : text.substring(0, scheme);
    Kind kind =
        switch (name) {
          case "redis", "rediss" -> Kind.DIRECT;
          case "redis-sentinel", "rediss-sentinel" -> Kind.SENTINEL;
          default -> throw malformed("unknown scheme of a server URL");
        };
    String rest = text.substring(scheme + "://".length());
    int at = rest.lastIndexOf('@');
    Optional<String> user = at < 0 ? Optional.empty() : Optional.of(user(rest.substring(0, at)));
    rest = rest.substring(at + 1);
    if (rest.indexOf('?') >= 0 || rest.indexOf('#') >= 0) {
      throw malformed("a server URL has no ? or # part");
    }
    int slash = rest.indexOf('/');
    String path = slash < 0 ? "" : rest.substring(slash + 1);
    String hosts = slash < 0 ? rest : rest.substring(0, slash);
    Optional<String> monitoredName = monitoredName(kind, path);
    List<Endpoint> endpoints = new ArrayList<>();
    for (String host : hosts.split(",", -1)) {
      endpoints.add(Endpoint.parse(host, kind == Kind.DIRECT ? SERVER_PORT : SENTINEL_PORT));
    }
    return new RedisUri(kind, name.startsWith("rediss"), user, endpoints, monitoredName);
  }

  private static String user(String userInfo) {
    if (userInfo.indexOf(':') >= 0) {
      throw new InvalidRequest(
          "a server URL must not hold a password",
          "write user@host only, and give the password in " + Login.PASSWORD_PLACE);
    }
    String user;
    try {
      user = URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed("the user in a server URL is not percent-encoded correctly");
    }
    if (user.isEmpty()) {
      throw malformed("the user in a server URL is empty");
    }
    return user;
  }

  private static Optional<String> monitoredName(Kind kind, String path) {
    return switch (kind) {
      case DIRECT -> {
        if (!path.isEmpty()) {
          throw malformed("a server URL has no path: all databases are meant");
        }
        yield Optional.empty();
      }
      case SENTINEL -> {
        if (!path.matches("[A-Za-z0-9._-]+")) {
          throw malformed("a Sentinel URL ends with the monitored primary's name");
        }
        yield Optional.of(path);
      }
    };
  }

  private static InvalidRequest malformed(String what) {
    return new InvalidRequest(
        what, "write redis://[user@]host:port or redis-sentinel://host:port,host:port/name");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(tls ? "rediss" : "redis");
    text.append(kind == Kind.SENTINEL ? "-sentinel://" : "://");
    user.ifPresent(name -> text.append(name).append('@'));
    text.append(String.join(",", endpoints.stream().map(Endpoint::toString).toList()));
    monitoredName.ifPresent(name -> text.append('/').append(name));
    return text.toString();
  }
}
