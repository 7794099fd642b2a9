package io.ringkeep.status;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.repository.log.ArchiverState;
import io.ringkeep.repository.log.LogStart;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How well the log of one shard is kept.
///
/// @param shard of the cache
/// @param windows what can be restored, oldest first, and stretches of which nothing can
/// @param firstTimeline number of the first of these
/// @param forgotten when what lay before them was forgotten, if anything was
/// @param gaps what is missing, for people, oldest first
/// @param lagBytes what the primary has written and the log does not hold, at the last look
/// @param lag for how long there has been something of that
/// @param findings what needs attention; empty if all is well
public record LogStatus(
    String shard,
    List<ShardWindow> windows,
    int firstTimeline,
    Optional<Instant> forgotten,
    List<String> gaps,
    long lagBytes,
    Duration lag,
    List<String> findings) {
  /// An archiver speaks each second; after this long it is taken for dead.
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private static final Duration MOST_LAG = Duration.ofSeconds(5);

  /// As the repository has it.
  static LogStatus of(ShardHistory history, CacheHistory.Duty duty, Instant now) {
    List<String> gaps = new ArrayList<>();
    history
        .gaps()
        .forEach(gap ->
            gaps.add(
                "%s: %s, %s of %s to %s of %s"
                    .formatted(
                        gap.time(),
                        gap.reason().words(),
                        gap.fromOffset(),
                        gap.fromReplid(),
                        gap.toOffset(),
                        gap.toReplid())));
    List<String> findings = new ArrayList<>(history.holes());
    findings.forEach(hole -> gaps.add("damage: " + hole));
    boolean restorable = !history.windows().isEmpty() && history.windows().getLast().restorable();
    if (duty == CacheHistory.Duty.SERVES && !restorable) {
      findings.add("the log has no base: nothing of what is archived now can be restored");
    }
    Optional<ArchiverState> state = history.state();
    if (duty == CacheHistory.Duty.GONE) {
      return withoutArchiver(history, gaps, findings);
    }
    if (state.isEmpty()) {
      findings.add("nobody archives: no archiver has ever said anything");
    } else {
      findings.addAll(ofArchiver(state.get(), now));
    }
    return new LogStatus(
        history.log().shard(),
        history.windows(),
        history.firstTimeline(),
        history.start().map(LogStart::time),
        gaps,
        state.map(ArchiverState::lagBytes).orElse(0L),
        Duration.ofMillis(state.map(ArchiverState::lagMillis).orElse(0L)),
        findings);
  }

  /// Of a shard that its cluster has no more: nobody is to archive it.
  private static LogStatus withoutArchiver(
      ShardHistory history, List<String> gaps, List<String> findings) {
    return new LogStatus(
        history.log().shard(),
        history.windows(),
        history.firstTimeline(),
        history.start().map(LogStart::time),
        gaps,
        0,
        Duration.ZERO,
        findings);
  }

  private static List<String> ofArchiver(ArchiverState state, Instant now) {
    List<String> findings = new ArrayList<>();
    // In the future, too: then one of two clocks is wrong, and nobody knows who lives.
    Duration silence = Duration.between(state.time(), now).abs();
    if (state.stopped()) {
      findings.add("nobody archives: the archiver was stopped at " + state.time());
    } else if (silence.compareTo(SILENCE) > 0) {
      findings.add(
          "nobody archives: the archiver was last heard of at %s (%s)"
              .formatted(state.time(), state.holder()));
    } else {
      if (!state.linked()) {
        findings.add("not receiving: " + state.problem());
      } else if (!state.problem().isEmpty()) {
        findings.add(state.problem());
      }
      if (state.lagMillis() > MOST_LAG.toMillis()) {
        findings.add(
            "the log lags: seconds=%d bytes=%d"
                .formatted(state.lagMillis() / 1_000, state.lagBytes()));
      }
    }
    if (state.droppedBytes() > 0) {
      findings.add("lost because the spool was full: bytes=" + state.droppedBytes());
    }
    return findings;
  }

  /// Whether nothing needs attention.
  public boolean healthy() {
    return findings.isEmpty();
  }
}
