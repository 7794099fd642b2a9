package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.recover.ShardWindow;
import io.ringkeep.status.LogStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The log of one shard as `status` shows it.
///
/// @param shard of the cache
/// @param healthy whether nothing needs attention
/// @param lagBytes what the primary has written and the log does not hold
/// @param lagSeconds for how long there has been something of that
/// @param windows what can be restored, oldest first
/// @param gaps what is missing, oldest first
record LogView(
    String shard,
    boolean healthy,
    long lagBytes,
    double lagSeconds,
    List<WindowView> windows,
    List<String> gaps) {

  /// A part of the log without a gap.
  ///
  /// @param replids histories that it went through, oldest first
  /// @param startOffset of the earliest base; of the log where there is none
  /// @param endOffset where it ends
  /// @param from the earliest moment that can be restored, by the server's clock
  /// @param until the latest
  /// @param bases how many snapshots stand on it; without one nothing of it can be restored
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WindowView(
      List<String> replids,
      long startOffset,
      long endOffset,
      @Nullable Instant from,
      @Nullable Instant until,
      int bases) {
    static WindowView of(ShardWindow window) {
      return new WindowView(
          window.stretch().replids(),
          window.restorable() ? window.bases().getFirst().offset() : window.stretch().start(),
          window.stretch().end(),
          window.from().orElse(null),
          window.until().orElse(null),
          window.bases().size());
    }

    String text() {
      return bases == 0
          ? "offsets %d to %d, without a base".formatted(startOffset, endOffset)
          : "%s to %s (offsets %d to %d)"
              .formatted(
                  from == null ? "?" : from, until == null ? "?" : until, startOffset, endOffset);
    }
  }

  static LogView of(LogStatus status) {
    return new LogView(
        status.shard(),
        status.healthy(),
        status.lagBytes(),
        Json.seconds(status.lag()),
        status.windows().stream().map(WindowView::of).toList(),
        status.gaps());
  }

  /// The same for people.
  List<String> text() {
    List<String> lines = new ArrayList<>();
    for (WindowView window : windows) {
      lines.add("  log of shard %s: %s".formatted(shard, window.text()));
    }
    gaps.forEach(gap -> lines.add("  gap " + gap));
    lines.add("  lag %s s, %s".formatted(lagSeconds, ByteSize.format(lagBytes)));
    return lines;
  }
}
