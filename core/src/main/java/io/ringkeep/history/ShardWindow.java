package io.ringkeep.history;

import io.ringkeep.repository.log.Stretch;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A stretch of a shard's log, and which moments of it can be restored.
///
/// @param stretch of the log
/// @param bases snapshots that stand on it, by offset; if there is none, nothing can be restored
/// @param from the earliest time that can be restored, by the server's clock; empty if there is no
///   base or no time is known
/// @param until the latest one
public record ShardWindow(
    Stretch stretch, List<Base> bases, Optional<Instant> from, Optional<Instant> until) {
  public ShardWindow {
    bases = List.copyOf(bases);
  }

  /// True if something of it can be restored.
  public boolean restorable() {
    return !bases.isEmpty();
  }
}
