package io.ringkeep.store.sftp;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A folder on an SSH server, and the files that prove who we are and who it is.
///
/// ```
/// sftp://[user@]host[:port]/absolute/folder      port 22 and the name of this user unless given
/// sftp://[user@]host[:port]/~/folder             below the folder that the server shows first
///   ?identity=FILE        private key to log in with
///   &password-file=FILE   its first line is the password
///   &known-hosts=FILE     keys of servers, instead of ~/.ssh/known_hosts
/// ```
///
/// Parts are percent-encoded where need be. `FILE` may begin with `~/`. A password has no place
/// here: what stands on a command line stands in the process list.
///
/// @param user name to log in with, if not that of this process's user
/// @param host name or address; an IPv6 address without brackets
/// @param port 1–65535
/// @param path as the server is asked for it: absolute, or relative to where it begins; no `/` at
///   the end but for the root
/// @param identity private key file
/// @param passwordFile file with the password in its first line
/// @param knownHosts file of server keys in the format of OpenSSH's `known_hosts`
public record SftpLocation(
    Optional<String> user,
    String host,
    int port,
    String path,
    Optional<Path> identity,
    Optional<Path> passwordFile,
    Optional<Path> knownHosts) {

  private static final int SSH_PORT = 22;
  private static final String IDENTITY = "identity";
  private static final String PASSWORD_FILE = "password-file";
  private static final String KNOWN_HOSTS = "known-hosts";

  /// Reads a URL of the form above.
  ///
  /// @throws InvalidRequest if it is none or holds a password; the message repeats neither
  public static SftpLocation parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw malformed("an SFTP URL is not formed correctly");
    }
    if (!"sftp".equals(uri.getScheme())) {
      throw malformed("not an SFTP URL");
    }
    Optional<String> user = user(uri.getRawUserInfo());
    String host = uri.getHost();
    if (host == null) {
      throw malformed("an SFTP URL has no host, or one that is no host name");
    }
    if (uri.getRawFragment() != null) {
      throw malformed("an SFTP URL has no # part");
    }
    int port = uri.getPort() < 0 ? SSH_PORT : uri.getPort();
    if (port < 1 || port > 65535) {
      throw malformed("the port of an SFTP URL is not between 1 and 65535");
    }
    Map<String, String> options = options(uri.getRawQuery());
    return new SftpLocation(
        user,
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port,
        folder(uri.getRawPath()),
        file(options, IDENTITY),
        file(options, PASSWORD_FILE),
        file(options, KNOWN_HOSTS));
  }

  private static Optional<String> user(String userInfo) {
    if (userInfo == null) {
      return Optional.empty();
    }
    if (userInfo.indexOf(':') >= 0) {
      throw new InvalidRequest(
          "an SFTP URL must not hold a password",
          "write user@host only, and use a key, " + SftpLogin.PASSWORD_PLACE);
    }
    String user = decode(userInfo);
    if (user.isEmpty()) {
      throw malformed("the user in an SFTP URL is empty");
    }
    return Optional.of(user);
  }

  private static String folder(String rawPath) {
    String path = decode(rawPath);
    if (path.isEmpty()) {
      throw malformed("an SFTP URL names a folder");
    }
    if (path.indexOf('\0') >= 0) {
      throw malformed("the folder of an SFTP URL holds a zero byte");
    }
    path = path.replaceAll("//+", "/").replaceFirst("(.)/$", "$1");
    if (path.equals("/~")) {
      return ".";
    }
    return path.startsWith("/~/") ? path.substring("/~/".length()) : path;
  }

  private static Map<String, String> options(String rawQuery) {
    Map<String, String> options = new LinkedHashMap<>();
    if (rawQuery == null) {
      return options;
    }
    for (String option : rawQuery.split("&", -1)) {
      int equals = option.indexOf('=');
      String name = decode(equals < 0 ? option : option.substring(0, equals));
      String value = equals < 0 ? "" : decode(option.substring(equals + 1));
      if (!Set.of(IDENTITY, PASSWORD_FILE, KNOWN_HOSTS).contains(name)) {
        throw malformed("unknown option of an SFTP URL: option=" + name);
      }
      if (value.isEmpty()) {
        throw malformed("an option of an SFTP URL has no value: option=" + name);
      }
      if (options.put(name, value) != null) {
        throw malformed("an option of an SFTP URL is there twice: option=" + name);
      }
    }
    return options;
  }

  private static Optional<Path> file(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) {
      return Optional.empty();
    }
    String home = System.getProperty("user.home");
    return Optional.of(
        value.startsWith("~/") ? Path.of(home, value.substring("~/".length())) : Path.of(value));
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed("an SFTP URL is not percent-encoded correctly");
    }
  }

  private static InvalidRequest malformed(String what) {
    return new InvalidRequest(
        what,
        "write sftp://user@host:port/folder, then ?identity=FILE&known-hosts=FILE&password-file=FILE"
            + " where need be");
  }

  /// What SSH programs call the server in their `known_hosts`.
  String knownHostsName() {
    return port == SSH_PORT ? host : "[" + host + "]:" + port;
  }

  /// Such as `backup@nas:2222`.
  String server() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return user.map(u -> u + "@").orElse("") + name + (port == SSH_PORT ? "" : ":" + port);
  }

  /// The URL without its options.
  @Override
  public String toString() {
    String shown = path.startsWith("/") ? path : path.equals(".") ? "/~" : "/~/" + path;
    return "sftp://" + server() + shown;
  }
}
