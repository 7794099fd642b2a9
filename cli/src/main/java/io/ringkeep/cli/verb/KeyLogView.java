package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.Unreadable;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.lookup.LogHistory;
import io.ringkeep.lookup.LogHistory.Covered;
import io.ringkeep.lookup.LogHistory.Step;
import io.ringkeep.model.Record;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A key between backups as `history` shows it.
///
/// @param covered the parts of the log that were looked through
/// @param changes of the key, oldest first
/// @param gaps where the log has no bytes
record KeyLogView(List<CoveredView> covered, List<StepView> changes, List<String> gaps) {

  /// A part of a log without a gap.
  ///
  /// @param commands how many of them name the key or a whole database
  /// @param passed how many of these, the oldest, were not looked at
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CoveredView(
      String shard, @Nullable Instant from, @Nullable Instant until, long commands, long passed) {
    static CoveredView of(Covered covered) {
      return new CoveredView(
          covered.shard(),
          covered.from().orElse(null),
          covered.until().orElse(null),
          covered.commands(),
          covered.passed());
    }
  }

  /// What a command has made of the key.
  ///
  /// @param time by when it had been executed
  /// @param offset behind it
  /// @param state `present`, `absent` or `unreadable`
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record StepView(
      @Nullable Instant time,
      String shard,
      long offset,
      String command,
      String state,
      @Nullable String type,
      @Nullable Long bytes,
      @Nullable Long elements,
      @Nullable Instant expires,
      @Nullable String fingerprint,
      @Nullable ChangeView change,
      @Nullable Boolean expired,
      @Nullable String reason) {
    static StepView of(Step step) {
      return switch (step.state()) {
        case Version version -> of(step, version);
        case Absent(boolean expired) -> of(step, "absent", expired, null);
        case Unreadable(String reason, _) -> of(step, "unreadable", null, reason);
      };
    }

    private static StepView of(Step step, Version version) {
      return new StepView(
          step.time().orElse(null),
          step.shard(),
          step.offset(),
          step.command(),
          "present",
          version.type().logicalType().word(),
          version.bytes(),
          version.elements(),
          version.expiryMillis() == Record.NO_EXPIRY
              ? null
              : Instant.ofEpochMilli(version.expiryMillis()),
          version.fingerprint().toString(),
          version.change().map(ChangeView::of).orElse(null),
          null,
          null);
    }

    private static StepView of(
        Step step, String state, @Nullable Boolean expired, @Nullable String reason) {
      return new StepView(
          step.time().orElse(null),
          step.shard(),
          step.offset(),
          step.command(),
          state,
          null,
          null,
          null,
          null,
          null,
          null,
          expired,
          reason);
    }
  }

  static KeyLogView of(LogHistory.Result log) {
    return new KeyLogView(
        log.covered().stream().map(CoveredView::of).toList(),
        log.steps().stream().map(StepView::of).toList(),
        log.gaps());
  }

  /// The same for people.
  static List<String> text(LogHistory.Result log, Instant now) {
    List<String> lines = new ArrayList<>();
    for (Covered covered : log.covered()) {
      lines.add("");
      lines.add(
          "in the log of shard %s from %s to %s: %s"
              .formatted(
                  covered.shard(),
                  covered.from().map(Instant::toString).orElse("?"),
                  covered.until().map(Instant::toString).orElse("?"),
                  covered.commands() == 0
                      ? "no command that may have changed it"
                      : Text.count(covered.commands(), "command") + " that may have changed it"));
      if (covered.passed() > 0) {
        lines.add(
            "  the first %s were not looked at: --changes %d"
                .formatted(Text.count(covered.passed()), covered.commands()));
      }
    }
    log.gaps()
        .forEach(gap -> lines.add("gap in the log, what happened there is not known: " + gap));
    for (Step step : log.steps()) {
      lines.add("");
      lines.add(
          "%s  offset %d  %s"
              .formatted(
                  step.time().map(Instant::toString).orElse("time unknown"),
                  step.offset(),
                  step.command()));
      switch (step.state()) {
        case Version version -> HistoryVerb.version(version, now, lines);
        case Absent(boolean expired) -> lines.add(expired ? "  gone: it had expired" : "  gone");
        case Unreadable(String reason, String hint) -> {
          lines.add("  what it made of the key is not known: " + reason);
          lines.add("  hint: " + hint);
        }
      }
    }
    return lines;
  }
}
