package io.ringkeep.check;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.topology.Sentinels;
import io.ringkeep.redis.topology.Topology;
import java.util.List;
import java.util.Optional;

/// Whether a primary's Sentinels watch over it.
public final class SentinelChecks {
  private SentinelChecks() {}

  /// A warning if Sentinels have been paused, as a restore that was killed leaves them; nothing
  /// where all is well or there are none.
  public static Optional<CheckLine> paused(Topology topology, ConnectionOptions options) {
    if (topology.kind() != Topology.Kind.SENTINEL) {
      return Optional.empty();
    }
    try {
      Sentinels sentinels = Sentinels.of(topology, options);
      List<Endpoint> paused = sentinels.paused();
      return paused.isEmpty()
          ? Optional.empty()
          : Optional.of(
              CheckLine.warn(
                  "sentinels",
                  "a restore has paused them, and they do not fail over: sentinels=" + paused,
                  "if none runs now: " + sentinels.resumeByHand()));
    } catch (BackupException e) {
      return Optional.of(
          CheckLine.warn(
              "sentinels", String.valueOf(e.getMessage()), e.hint().orElse("see their log")));
    }
  }
}
