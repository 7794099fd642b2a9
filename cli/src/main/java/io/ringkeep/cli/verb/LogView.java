package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.status.LogStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The log of one shard as `status` shows it.
///
/// @param shard of the cache
/// @param healthy whether nothing needs attention
/// @param lagBytes what the primary has written and the log does not hold
/// @param lagSeconds for how long there has been something of that
/// @param windows what can be restored, oldest first
/// @param forgotten when what lay before them was forgotten
/// @param gaps what is missing, oldest first
@JsonInclude(JsonInclude.Include.NON_NULL)
record LogView(
    String shard,
    boolean healthy,
    long lagBytes,
    double lagSeconds,
    List<WindowView> windows,
    @Nullable Instant forgotten,
    List<String> gaps) {

  /// A part of the log without a gap.
  ///
  /// @param timeline its number, which it keeps when older ones are forgotten
  /// @param replids histories that it went through, oldest first
  /// @param startOffset of the earliest base; of the log where there is none
  /// @param endOffset where it ends
  /// @param from the earliest moment that can be restored, by the server's clock
  /// @param until the latest
  /// @param bases how many snapshots stand on it; without one nothing of it can be restored
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WindowView(
      int timeline,
      List<String> replids,
      long startOffset,
      long endOffset,
      @Nullable Instant from,
      @Nullable Instant until,
      int bases) {
    static WindowView of(int timeline, ShardWindow window) {
      return new WindowView(
          timeline,
          window.stretch().replids(),
          window.restorable() ? window.bases().getFirst().offset() : window.stretch().start(),
          window.stretch().end(),
          window.from().orElse(null),
          window.until().orElse(null),
          window.bases().size());
    }

    String text() {
      return bases == 0
          ? "timeline %d: offsets %d to %d, without a base"
              .formatted(timeline, startOffset, endOffset)
          : "timeline %d: %s to %s (offsets %d to %d)"
              .formatted(
                  timeline,
                  from == null ? "?" : from,
                  until == null ? "?" : until,
                  startOffset,
                  endOffset);
    }
  }

  static LogView of(LogStatus status) {
    return new LogView(
        status.shard(),
        status.healthy(),
        status.lagBytes(),
        Json.seconds(status.lag()),
        IntStream.range(0, status.windows().size())
            .mapToObj(i -> WindowView.of(status.firstTimeline() + i, status.windows().get(i)))
            .toList(),
        status.forgotten().map(time -> time.truncatedTo(ChronoUnit.MILLIS)).orElse(null),
        status.gaps());
  }

  /// The same for people.
  List<String> text() {
    List<String> lines = new ArrayList<>();
    for (WindowView window : windows) {
      lines.add("  log of shard %s, %s".formatted(shard, window.text()));
    }
    if (forgotten != null) {
      lines.add("  what lay before was forgotten at %s".formatted(Text.time(forgotten)));
    }
    gaps.forEach(gap -> lines.add("  gap " + gap));
    lines.add("  lag %s s, %s".formatted(lagSeconds, ByteSize.format(lagBytes)));
    return lines;
  }
}
