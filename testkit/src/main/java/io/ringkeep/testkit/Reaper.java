package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Kills the servers that this process leaves behind when it is killed itself, and no shutdown hook
/// runs: a small shell holds their numbers, and its input ends with this process.
final class Reaper {
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      alive=
      while read -r what pid; do
        others=
        for one in $alive; do [ "$one" = "$pid" ] || others="$others $one"; done
        alive=$others
        [ "$what" = gone ] || alive="$alive $pid"
      done
      for one in $alive; do kill -9 "$one" 2>/dev/null; done
      """;

  private static final Process SHELL = start();

  private Reaper() {}

  private static Process start() {
    try {
      return new ProcessBuilder("sh", "-c", SCRIPT)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Says that a server was `born` or is `gone`.
  static synchronized void tell(String what, long pid) {
    try {
      SHELL.getOutputStream().write((what + " " + pid + "\n").getBytes(StandardCharsets.UTF_8));
      SHELL.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
