package io.ringkeep.recover;

import io.ringkeep.history.Base;
import io.ringkeep.repository.log.Stretch;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The one offset that a recovery goes to.
///
/// @param shard that it is of
/// @param stretch of the log that it lies in
/// @param base snapshot that the log is replayed onto
/// @param offset behind the last byte that is replayed; a transaction ends there
/// @param executedBy when everything in it had been executed, by the server's clock, if that is
///   known
/// @param bound by how much earlier than the time asked for a command may have been executed that
///   is left out; empty if no time was asked for or known
/// @param lastKept the last command in it that changes data, if one is near
/// @param firstDropped the first one that is left out, if there is one in the log
/// @param branch which of the log's timelines it lies on
public record Cut(
    String shard,
    Stretch stretch,
    Base base,
    long offset,
    Optional<Instant> executedBy,
    Optional<Duration> bound,
    Optional<String> lastKept,
    Optional<String> firstDropped,
    Branch branch) {
  /// Where histories part.
  ///
  /// @param timeline that the cut lies on, as `status` numbers them
  /// @param others that have such a moment too and lead to something else, ascending
  public record Branch(int timeline, List<Integer> others) {
    public Branch {
      others = List.copyOf(others);
    }

    /// For people; empty if there is nothing to choose from.
    public Optional<String> text() {
      return others.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "%d; %s has such a moment too, and --timeline picks it"
                  .formatted(
                      timeline,
                      others.stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
  }

  /// The same, on what its stretch has become.
  Cut on(Stretch now) {
    return new Cut(shard, now, base, offset, executedBy, bound, lastKept, firstDropped, branch);
  }

  /// The same, asked for on the way to a later time.
  Cut later(Duration by) {
    return new Cut(
        shard,
        stretch,
        base,
        offset,
        executedBy,
        bound.map(known -> known.plus(by)),
        lastKept,
        firstDropped,
        branch);
  }
}
