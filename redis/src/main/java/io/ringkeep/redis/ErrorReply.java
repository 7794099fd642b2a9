package io.ringkeep.redis;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.Unavailable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns a server's error reply into what the operator can do about it.
///
/// Replies were seen on Redis 6.0–8.0 and Valkey 8.1–9.1; texts are in `server.c`
/// (`createSharedObjects`) and `acl.c`.
public final class ErrorReply {
  /// Commands whose rights are given by subcommand.
  private static final Set<String> CONTAINERS =
      Set.of(
          "acl",
          "client",
          "cluster",
          "command",
          "config",
          "function",
          "latency",
          "memory",
          "module",
          "object",
          "pubsub",
          "script",
          "slowlog",
          "xgroup",
          "xinfo");

  /// `… no permissions to run the 'rename' command`, in 6.x followed by `or its subcommand`.
  private static final Pattern DENIED = Pattern.compile("the '([^']+)' command");

  /// How a refusal of `EXEC` itself begins, whatever it is refused for. Source: `execCommandAbort`
  /// in `multi.c`.
  private static final String ABORTED = "EXECABORT Transaction discarded because of: ";

  private ErrorReply() {}

  /// The exception for `reply` (without its `-`) to `words`, the command as it was sent.
  ///
  /// Only the command's name, and that of its subcommand, reach a message.
  public static RuntimeException of(
      Endpoint server, ConnectionOptions options, List<String> words, String reply) {
    if (reply.startsWith(ABORTED)) {
      return of(server, options, words, reply.substring(ABORTED.length()));
    }
    String command = right(words);
    String where = "server=" + server + " command=" + command;
    String user = options.effectiveUser();
    String code = reply.split(" ", 2)[0];
    return switch (code) {
      case "NOAUTH" ->
          new AccessDenied(
              options.isForSentinel()
                  ? "Sentinel asks for a password of its own: sentinel=" + server
                  : "server asks for a password: server=" + server,
              "give it in " + options.passwordPlace(),
              null);
      case "WRONGPASS" -> wrongPassword(server, options);
      case "NOPERM" -> noPermission(where, user, command, reply);
      case "DENIED" ->
          new AccessDenied(
              "server is in protected mode and answers only its own host: server=" + server,
              "set a password on it and bind it to its address",
              null);
      case "LOADING" ->
          new Unavailable(
              "server is loading its dataset: server=" + server, "wait until it has", null);
      case "MASTERDOWN" ->
          new Unavailable(
              "replica has lost its primary and answers nothing: server=" + server,
              "repair its link, or use another replica",
              null);
      case "CLUSTERDOWN" ->
          new Unavailable(
              "cluster is down: server=" + server + " reply=" + reply,
              "repair it first: every slot needs a primary",
              null);
      case "BUSY" ->
          new Unavailable(
              "server is busy running a script: server=" + server, "wait, or SCRIPT KILL", null);
      default -> other(server, options, command, reply);
    };
  }

  /// True if a server that answers so hangs up: in protected mode, or with too many clients.
  static boolean closesConnection(String line) {
    return line.startsWith("-DENIED") || line.startsWith("-ERR max number of clients");
  }

  private static RuntimeException other(
      Endpoint server, ConnectionOptions options, String command, String reply) {
    if (command.equals("auth")) {
      return reply.contains("without any password configured")
          ? new AccessDenied(
              "a password was given, but the server has none for this user: server="
                  + server
                  + " user="
                  + options.effectiveUser(),
              "leave the password out, or name the ACL user it belongs to",
              null)
          : wrongPassword(server, options); // before 6.0: "ERR invalid password"
    }
    return reply.startsWith("ERR max number of clients")
        ? new Unavailable(
            "server has no free connection: server=" + server, "raise maxclients, or wait", null)
        : new ServerError(server, command, reply);
  }

  private static AccessDenied wrongPassword(Endpoint server, ConnectionOptions options) {
    String user = " user=" + options.effectiveUser();
    return new AccessDenied(
        options.isForSentinel()
            ? "wrong user or password of a Sentinel: sentinel=" + server + user
            : "wrong user or password: server=" + server + user,
        "check the user's name, the password in %s, and that ACL LIST shows the user as on"
            .formatted(options.passwordPlace()),
        null);
  }

  private static AccessDenied noPermission(
      String where, String user, String command, String reply) {
    String missing = "+" + command;
    if (reply.contains("ermissions to access")) {
      // Source: getAclErrorMessage in acl.c; databases since Valkey 9.1.
      missing = reply.contains("channel") ? "&*" : reply.contains("database") ? "alldbs" : "~*";
    }
    return new AccessDenied(
        "user lacks a right: " + where + " user=" + user,
        "grant it with: " + AclAdvice.line(user, List.of(missing)),
        null);
  }

  /// The command that a `NOPERM` reply is about, as far as it says; lower case.
  public static Optional<String> deniedCommand(String reply) {
    Matcher quoted = DENIED.matcher(reply);
    return quoted.find() ? Optional.of(quoted.group(1)) : Optional.empty();
  }

  /// The name under which a command's right is granted: `psync`, `config|get`.
  static String right(List<String> words) {
    String command = words.getFirst().toLowerCase(Locale.ROOT);
    return CONTAINERS.contains(command) && words.size() > 1
        ? command + "|" + words.get(1).toLowerCase(Locale.ROOT)
        : command;
  }
}
