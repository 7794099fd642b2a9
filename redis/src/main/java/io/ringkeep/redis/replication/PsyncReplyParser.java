package io.ringkeep.redis.replication;

import io.ringkeep.redis.replication.PsyncReply.Continue;
import io.ringkeep.redis.replication.PsyncReply.FullResync;
import io.ringkeep.redis.replication.PsyncReply.NotYet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads a [PsyncReply] off its line.
final class PsyncReplyParser {
  private static final Pattern FULL_RESYNC =
      Pattern.compile("\\+FULLRESYNC ([0-9a-f]{40}) ([0-9]{1,18})");
  private static final Pattern CONTINUE = Pattern.compile("\\+CONTINUE(?: ([0-9a-f]{40}))?");

  /// A replica whose own link is down, a server that reads its file, one whose script runs for
  /// long: each ends by itself.
  private static final Set<String> NOT_YET =
      Set.of("-NOMASTERLINK", "-LOADING", "-MASTERDOWN", "-BUSY");

  private PsyncReplyParser() {}

  /// What the line means, without its end; empty if it refuses, or is no answer to `PSYNC`.
  static Optional<PsyncReply> parse(String line) {
    Matcher full = FULL_RESYNC.matcher(line);
    if (full.matches()) {
      return Optional.of(new FullResync(full.group(1), Long.parseLong(full.group(2))));
    }
    Matcher resumed = CONTINUE.matcher(line);
    if (resumed.matches()) {
      return Optional.of(new Continue(resumed.group(1) == null ? "" : resumed.group(1)));
    }
    return isNotYet(line) ? Optional.of(new NotYet(line.substring(1))) : Optional.empty();
  }

  /// True of an error reply that passes by itself.
  static boolean isNotYet(String line) {
    return NOT_YET.contains(line.split(" ", 2)[0]);
  }
}
