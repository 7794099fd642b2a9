package io.ringkeep.redis;

import io.ringkeep.model.BackupException.InvalidRequest;

/// Where a server listens: a host name or address, and a port.
///
/// @param host name, IPv4 or IPv6 address, without brackets
/// @param port 1–65535
public record Endpoint(String host, int port) {
  /// Ports are numbered up to this.
  public static final int HIGHEST_PORT = 65_535;

  public Endpoint {
    if (host.isEmpty() || port < 1 || port > HIGHEST_PORT) {
      throw new IllegalArgumentException("no endpoint: host=" + host + " port=" + port);
    }
  }

  /// Reads `host:port`, `[v6]:port`, and either without a port.
  ///
  /// @throws InvalidRequest if it is none of them
  public static Endpoint parse(String text, int defaultPort) {
    String host = text;
    String port = "";
    int close = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = text.lastIndexOf(':');
    if (close > 0) {
      host = text.substring(1, close);
      String rest = text.substring(close + 1);
      if (!rest.isEmpty() && !rest.startsWith(":")) {
        throw malformed(text);
      }
      port = rest.isEmpty() ? "" : rest.substring(1);
    } else if (colon >= 0) {
      if (text.indexOf(':') != colon) {
        throw malformed(text);
      }
      host = text.substring(0, colon);
      port = text.substring(colon + 1);
    }
    if (!host.matches("[A-Za-z0-9._:%-]+")
        || !(port.isEmpty() ? text.lastIndexOf(':') <= close : port.matches("[0-9]{1,5}"))) {
      throw malformed(text);
    }
    int number = port.isEmpty() ? defaultPort : Integer.parseInt(port);
    if (number < 1 || number > HIGHEST_PORT) {
      throw malformed(text);
    }
    return new Endpoint(host, number);
  }

  /// Reads `host:port` or `[v6]:port`.
  ///
  /// @throws InvalidRequest if it is neither
  public static Endpoint parse(String text) {
    if (text.lastIndexOf(':') <= text.lastIndexOf(']')) {
      throw malformed(text);
    }
    return parse(text, 1);
  }

  private static InvalidRequest malformed(String text) {
    return new InvalidRequest(
        "not a server address: " + text, "write host:port, or [address]:port for IPv6");
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
