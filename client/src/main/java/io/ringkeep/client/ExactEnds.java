package io.ringkeep.client;

import io.ringkeep.client.Exchange.Answer;
import io.ringkeep.client.Exchange.Request;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.NotFound;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/// When keys are to expire, to the millisecond where servers tell.
///
/// How long a key lives and what time it is can be read at one instant, but add up to a millisecond
/// more or less now and then. Servers from 7.0 on tell the sum, in a command of its own that older
/// ones do not know. For many threads.
final class ExactEnds {
  /// What the sum may be off; a key that differs by more was given another end in between.
  private static final long MOST_MILLIS = 2;

  private static final long GONE = -2;

  private volatile boolean told = true;

  /// Whether it is worth asking: no server has refused yet.
  boolean told() {
    return told;
  }

  static Request request(byte[] key) {
    return Request.of(key, Command.PEXPIRETIME);
  }

  /// How long a key lives, in milliseconds; -1: for ever.
  ///
  /// @param reply to `PTTL`
  /// @throws NotFound if it does no more
  static long left(@Nullable Object reply, byte[] key) {
    long left = reply instanceof Long millis ? millis : GONE;
    if (left == GONE) {
      throw new NotFound(
          "key went away while it was read: key=" + Text.show(key), "it expired, or was deleted");
    }
    return left;
  }

  /// The end of a key, in milliseconds since 1970.
  ///
  /// @param sum of the server's time and how long the key lives
  /// @param answer to [#request]
  long of(long sum, Answer answer) {
    BackupException failure = answer.failure();
    if (failure instanceof AccessDenied
        || (failure != null && String.valueOf(failure.getMessage()).contains("unknown command"))) {
      told = false;
    }
    return answer.value() instanceof Long end && Math.abs(end - sum) <= MOST_MILLIS ? end : sum;
  }
}
