package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.retention.ForgetPlan;
import io.ringkeep.retention.RetentionPolicy;
import io.ringkeep.retention.Verdict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `forget` would do, or did.
///
/// @param cache name of the lineage
/// @param zone whose days and weeks the rules mean
/// @param snapshots what becomes of each, and why
/// @param forgotten ids of those that are no more; empty as long as it is a plan
/// @param freesBytes what `prune` can free of those that go
/// @param logs what goes of the log of each shard
/// @param warnings what needs attention
/// @param pruned what `--prune` did
@JsonInclude(JsonInclude.Include.NON_NULL)
record ForgetView(
    String cache,
    String zone,
    List<VerdictView> snapshots,
    List<String> forgotten,
    long freesBytes,
    List<LogTrimView> logs,
    List<String> warnings,
    @Nullable PruneView pruned) {

  /// What goes of the log of one shard.
  ///
  /// @param from the earliest moment that can be restored then
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LogTrimView(String shard, int segments, long bytes, @Nullable Instant from) {
    static LogTrimView of(ForgetPlan.Log log) {
      return new LogTrimView(
          log.log().shard(),
          log.trim().segments(),
          log.trim().storedBytes(),
          log.from().orElse(null));
    }

    String text() {
      return "log of shard %s: %s go, %s; %s"
          .formatted(
              shard,
              Text.count(segments, "segment"),
              ByteSize.format(bytes),
              from == null
                  ? "nothing of it can be restored then"
                  : "any moment from %s on stays restorable".formatted(Text.time(from)));
    }
  }

  /// What becomes of one snapshot.
  record VerdictView(String id, Instant time, boolean kept, List<String> reasons) {
    static VerdictView of(Verdict verdict) {
      return new VerdictView(
          verdict.snapshot().id(),
          verdict.snapshot().time().truncatedTo(ChronoUnit.MILLIS),
          verdict.kept(),
          verdict.reasons());
    }
  }

  static ForgetView planned(ForgetPlan plan) {
    return done(plan, List.of(), null);
  }

  static ForgetView done(ForgetPlan plan, List<String> forgotten, @Nullable PruneView pruned) {
    return new ForgetView(
        plan.request().cache(),
        plan.request().policy().map(RetentionPolicy::zone).map(Object::toString).orElse("UTC"),
        plan.verdicts().stream().map(VerdictView::of).toList(),
        forgotten,
        plan.freesBytes(),
        plan.log().stream().map(LogTrimView::of).toList(),
        plan.warnings(),
        pruned);
  }

  List<String> planText() {
    Table table = new Table("SNAPSHOT", "TIME", "", "WHY");
    for (VerdictView snapshot : snapshots) {
      table.row(
          snapshot.id(),
          Text.time(snapshot.time()),
          snapshot.kept() ? "stays" : "goes",
          String.join(", ", snapshot.reasons()));
    }
    List<String> lines = new ArrayList<>(table.lines());
    long going = snapshots.stream().filter(snapshot -> !snapshot.kept()).count();
    lines.add(
        "%s of %s: %s, %s; prune can free %s; days and hours are those of %s"
            .formatted(
                Text.count(snapshots.size(), "snapshot"),
                cache,
                "%s stay".formatted(Text.count(snapshots.size() - going)),
                "%s go".formatted(Text.count(going)),
                ByteSize.format(freesBytes),
                zone));
    logs.forEach(log -> lines.add(log.text()));
    warnings.forEach(warning -> lines.add("WARN  " + warning));
    return lines;
  }

  List<String> resultText() {
    List<String> lines = new ArrayList<>();
    lines.add(
        forgotten.isEmpty() && logs.isEmpty()
            ? "nothing to forget"
            : "forgot %s%s; %s %s"
                .formatted(
                    Text.count(forgotten.size(), "snapshot"),
                    logs.isEmpty() ? "" : " and the log before",
                    "prune frees",
                    ByteSize.format(
                        freesBytes + logs.stream().mapToLong(LogTrimView::bytes).sum())));
    warnings.forEach(warning -> lines.add("WARN  " + warning));
    if (pruned != null) {
      lines.addAll(pruned.text());
    }
    return lines;
  }
}
