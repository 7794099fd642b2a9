package io.ringkeep.redis;

import java.util.Locale;

/// A server's error reply to one command, of a kind that only the caller can judge.
///
/// Replies whose meaning is the same whatever was asked (no password, no right, loading) come as a
/// [io.ringkeep.model.BackupException] instead.
public final class ServerError extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String code;
  private final String text;

  ServerError(Endpoint server, String command, String reply) {
    super("server error: server=" + server + " command=" + command + " reply=" + tame(reply));
    String tame = tame(reply);
    int space = tame.indexOf(' ');
    this.code = space < 0 ? tame : tame.substring(0, space);
    this.text = space < 0 ? "" : tame.substring(space + 1);
  }

  /// A server repeats the arguments of a command it does not know: they may be anything.
  private static String tame(String reply) {
    int arguments = reply.indexOf(", with args beginning with");
    return arguments < 0 ? reply : reply.substring(0, arguments);
  }

  /// The reply's first word, such as `ERR`, `MOVED` or `BUSYKEY`.
  public String code() {
    return code;
  }

  /// The reply behind its first word.
  public String text() {
    return text;
  }

  /// True if the server does not know the command or the subcommand: too old, or renamed away.
  public boolean isUnknownCommand() {
    String lower = text.toLowerCase(Locale.ROOT);
    return code.equals("ERR")
        && (lower.startsWith("unknown command") || lower.startsWith("unknown subcommand"));
  }
}
