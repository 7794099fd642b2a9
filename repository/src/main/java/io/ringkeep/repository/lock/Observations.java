package io.ringkeep.repository.lock;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What an observer has seen of holders' signs of life, on its own stopwatch. For one thread.
///
/// A sign that changes proves life. One that stays the same for the whole of its holder's time to
/// live and a tenth more proves that the holder has long fenced itself, whatever anybody's clock
/// says.
final class Observations {
  enum State {
    ALIVE,
    DEAD,
    UNKNOWN
  }

  private record Seen(Optional<ByteBuffer> sign, long firstNanos) {}

  private final Ticker ticker;
  private final Map<String, Seen> seen = new HashMap<>();

  Observations(Ticker ticker) {
    this.ticker = ticker;
  }

  /// Looks at a holder once more.
  ///
  /// @param sign its file as it is now; empty if there is none
  State observe(String holder, Optional<ByteBuffer> sign, Duration ttl) {
    long now = ticker.nanoTime();
    Seen before = seen.putIfAbsent(holder, new Seen(sign, now));
    if (before == null) {
      return State.UNKNOWN;
    }
    if (!before.sign.equals(sign)) {
      return State.ALIVE;
    }
    return now - before.firstNanos > ttl.toNanos() / 10 * 11 ? State.DEAD : State.UNKNOWN;
  }
}
