package io.ringkeep.retention;

import java.time.Instant;
import java.util.Optional;

/// A snapshot as a policy sees it.
///
/// @param id of the snapshot
/// @param time when its capture began, by the clock of whoever took it
/// @param pin the note it is pinned with; absent if it is not pinned
/// @param state what it is worth
public record Candidate(String id, Instant time, Optional<String> pin, State state) {
  /// What a snapshot is worth.
  public enum State {
    /// It counts.
    GOOD,
    /// Its cache had collapsed: it counts for no rule.
    COLLAPSED,
    /// Its manifest can't be read: it counts for no rule.
    DAMAGED
  }

  /// True if a rule may count on it at `now`.
  boolean counts(Instant now) {
    return state == State.GOOD && !time.isAfter(now);
  }
}
