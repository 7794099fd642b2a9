package io.ringkeep.redis;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.ServerRing;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
/// redis-ketama://[user@]host[:port[:weight]][=name][,…]/client[/hash[/tag]]
///                                                      all servers of a ring
/// rediss://…  rediss-sentinel://…  rediss-ketama://…   the same over TLS
/// ```
///
/// The user is the servers' one, percent-encoded where need be, as are names and tags of a ring,
/// see [ServerRing]. A password has no place here: what stands on a command line stands in the
/// process list.
///
/// @param kind what the endpoints are
/// @param tls whether TLS is spoken
/// @param user ACL user of the servers
/// @param endpoints at least one, asked in this order
/// @param ring that the endpoints stand on, in their order; empty for others
/// @param monitoredName the primary's name in the Sentinels' configuration
public record RedisUri(
    Kind kind,
    boolean tls,
    Optional<String> user,
    List<Endpoint> endpoints,
    Optional<ServerRing> ring,
    Optional<String> monitoredName) {

  private static final int SERVER_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  /// `host:port:weight=name`.
  private static final Pattern MEMBER =
      Pattern.compile("([^=]+?)(?:(?<=:[0-9]{1,5}):([0-9]{1,6}))?(?:=(.*))?");

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
    if (endpoints.isEmpty()
        || (kind == Kind.SENTINEL) != monitoredName.isPresent()
        || (kind == Kind.KETAMA) != ring.isPresent()) {
      throw new IllegalArgumentException("no endpoint, no name for Sentinel, or no ring");
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
    List<ServerRing.Member> members = new ArrayList<>();
    for (String host : hosts.split(",", -1)) {
      if (kind == Kind.KETAMA) {
        members.add(member(host));
        endpoints.add(new Endpoint(members.getLast().host(), members.getLast().port()));
      } else {
        endpoints.add(Endpoint.parse(host, kind == Kind.SENTINEL ? SENTINEL_PORT : SERVER_PORT));
      }
    }
    Optional<ServerRing> ring =
        kind == Kind.KETAMA
            ? Optional.of(ServerRing.parse(decoded(path, "a ring's rules"), members))
            : Optional.empty();
    return new RedisUri(kind, name.startsWith("rediss"), user, endpoints, ring, monitoredName);
  }

  private static ServerRing.Member member(String text) {
    Matcher parts = MEMBER.matcher(text);
    if (!parts.matches()) {
      throw malformed("a server of a ring is host:port:weight=name");
    }
    Endpoint endpoint = Endpoint.parse(parts.group(1), SERVER_PORT);
    return new ServerRing.Member(
        endpoint.host(),
        endpoint.port(),
        parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2)),
        Optional.ofNullable(parts.group(3)).map(name -> decoded(name, "a server's name")));
  }

  private static String user(String userInfo) {
    if (userInfo.indexOf(':') >= 0) {
      throw new InvalidRequest(
          "a server URL must not hold a password",
          "write user@host only, and give the password in " + Login.PASSWORD_PLACE);
    }
    String user = decoded(userInfo, "the user");
    if (user.isEmpty()) {
      throw malformed("the user in a server URL is empty");
    }
    return user;
  }

  private static String decoded(String text, String what) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed(what + " in a server URL is not percent-encoded correctly");
    }
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte character : text.getBytes(StandardCharsets.UTF_8)) {
      if (character > ' ' && character < 0x7f && "/,%@=?#".indexOf(character) < 0) {
        encoded.append((char) character);
      } else {
        encoded.append("%%%02X".formatted(character));
      }
    }
    return encoded.toString();
  }

  private static Optional<String> monitoredName(Kind kind, String path) {
    return switch (kind) {
      case KETAMA -> Optional.empty();
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
        what,
        "write redis://[user@]host:port, redis-sentinel://host:port,host:port/name or"
            + " redis-ketama://host:port,host:port/client");
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
      if (ring.isPresent()) {
        ServerRing.Member member = ring.get().members().get(i);
        text.append(member.weight() == 1 ? "" : ":" + member.weight());
        member.alias().ifPresent(name -> text.append('=').append(encoded(name)));
      }
    }
    ring.ifPresent(rules -> text.append('/').append(rulesText(rules)));
    monitoredName.ifPresent(name -> text.append('/').append(name));
    return text.toString();
  }

  private static String rulesText(ServerRing ring) {
    String rules = ring.rules();
    return rules.substring(0, rules.length() - ring.tag().length()) + encoded(ring.tag());
  }
}
