package io.ringkeep.redis;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a cache is found: some of its servers, the Sentinels that watch it, or all servers of a
/// ring.
///
/// ```
/// redis://[user@]host[:port][,host[:port]…]            one server, or seeds of a cluster
/// redis-sentinel://[user@]host[:port][,…]/name         Sentinels, and the primary's name there
/// redis-ketama://[user@]host[:port[:weight]][,…]       all servers of a Ketama ring
/// rediss://…  rediss-sentinel://…  rediss-ketama://…   the same over TLS
/// ```
///
/// The user is the servers' one, percent-encoded where need be. A password has no place here: what
/// stands on a command line stands in the process list.
///
/// @param kind what the endpoints are
/// @param tls whether TLS is spoken
/// @param user ACL user of the servers
/// @param endpoints at least one, asked in this order
/// @param weights of the servers of a ring, one for each, 1 or more; empty for others
/// @param monitoredName the primary's name in the Sentinels' configuration
public record RedisUri(
    Kind kind,
    boolean tls,
    Optional<String> user,
    List<Endpoint> endpoints,
    List<Integer> weights,
    Optional<String> monitoredName) {

  private static final int SERVER_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  /// `host:port:weight`.
  private static final Pattern WEIGHTED =
      Pattern.compile("(\\[[^]]*]:[0-9]+|[^:\\[]+:[0-9]+):([0-9]{1,6})");

  /// What the endpoints of a URL are.
  public enum Kind {
    /// Servers of the cache itself.
    DIRECT,
    /// Sentinels.
    SENTINEL,
    /// Standalone servers that clients place keys on by a Ketama ring.
    KETAMA
  }

  public RedisUri {
    endpoints = List.copyOf(endpoints);
    weights = List.copyOf(weights);
    if (endpoints.isEmpty()
        || (kind == Kind.SENTINEL) != monitoredName.isPresent()
        || weights.size() != (kind == Kind.KETAMA ? endpoints.size() : 0)) {
      throw new IllegalArgumentException("no endpoint, no name for Sentinel, or no weights");
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
          case "redis-ketama", "rediss-ketama" -> Kind.KETAMA;
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
    List<Integer> weights = new ArrayList<>();
    for (String host : hosts.split(",", -1)) {
      Matcher weighted = WEIGHTED.matcher(host);
      boolean hasWeight = kind == Kind.KETAMA && weighted.matches();
      endpoints.add(
          Endpoint.parse(
              hasWeight ? weighted.group(1) : host,
              kind == Kind.SENTINEL ? SENTINEL_PORT : SERVER_PORT));
      if (kind == Kind.KETAMA) {
        weights.add(hasWeight ? Integer.parseInt(weighted.group(2)) : 1);
      }
    }
    if (kind == Kind.KETAMA) {
      requireRing(endpoints, weights);
    }
    return new RedisUri(kind, name.startsWith("rediss"), user, endpoints, weights, monitoredName);
  }

  private static void requireRing(List<Endpoint> endpoints, List<Integer> weights) {
    if (new HashSet<>(endpoints).size() < endpoints.size()) {
      throw new InvalidRequest(
          "a server stands on the ring twice: servers=" + endpoints,
          "name each once; a server that is to have more keys has a weight: host:port:2");
    }
    if (weights.contains(0)) {
      throw new InvalidRequest(
          "a weight is 1 or more: weights=" + weights, "leave a server without keys out");
    }
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
      case DIRECT, KETAMA -> {
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
        what,
        "write redis://[user@]host:port, redis-sentinel://host:port,host:port/name or"
            + " redis-ketama://host:port,host:port");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(tls ? "rediss" : "redis");
    text.append(
        switch (kind) {
          case DIRECT -> "://";
          case SENTINEL -> "-sentinel://";
          case KETAMA -> "-ketama://";
        });
    user.ifPresent(name -> text.append(name).append('@'));
    for (int i = 0; i < endpoints.size(); i++) {
      text.append(i == 0 ? "" : ",").append(endpoints.get(i));
      if (kind == Kind.KETAMA && weights.get(i) != 1) {
        text.append(':').append(weights.get(i));
      }
    }
    monitoredName.ifPresent(name -> text.append('/').append(name));
    return text.toString();
  }
}
