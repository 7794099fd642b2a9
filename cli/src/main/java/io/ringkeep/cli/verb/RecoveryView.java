package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.recover.Cut;
import io.ringkeep.recover.RecoveryPlan;
import io.ringkeep.recover.RecoveryResult;
import io.ringkeep.recover.ShardCut;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A recovery as `restore --to` shows it: the moment that was found, and how its base is restored.
///
/// @param moments what was found, for each shard
/// @param engine version of the servers of our own that roll the shards forward; absent if the log
///   is replayed straight to the target
/// @param commands that were replayed and change data; absent in a plan
/// @param base how the snapshot before it is restored, or the one that was made of the moment
@JsonInclude(JsonInclude.Include.NON_NULL)
record RecoveryView(
    List<Moment> moments, @Nullable String engine, @Nullable Long commands, RestoreView base) {
  /// The cut.
  ///
  /// @param shard that it is of
  /// @param timeline of the shard's log that it lies on
  /// @param otherTimelines that have such a moment too, and lead to something else
  /// @param replid history that it lies in
  /// @param offset behind the last byte that is kept
  /// @param executedBy when all of it had been executed, by the server's clock
  /// @param boundSeconds what is left out was executed at most so long before the time asked for
  /// @param lastKept the last command that is kept and changes data
  /// @param firstDropped the first that is left out
  /// @param baseOffset where the log goes on behind the base
  /// @param logBytes bytes of the log that are replayed
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Moment(
      String shard,
      int timeline,
      List<Integer> otherTimelines,
      String replid,
      long offset,
      @Nullable Instant executedBy,
      @Nullable Double boundSeconds,
      @Nullable String lastKept,
      @Nullable String firstDropped,
      long baseOffset,
      long logBytes) {
    static Moment of(ShardCut of) {
      Cut cut = of.cut();
      return new Moment(
          cut.shard(),
          cut.branch().timeline(),
          cut.branch().others(),
          cut.stretch().replid(),
          cut.offset(),
          cut.executedBy().orElse(null),
          cut.bound().map(Json::seconds).orElse(null),
          cut.lastKept().orElse(null),
          cut.firstDropped().orElse(null),
          cut.base().offset(),
          of.logBytes());
    }
  }

  private static List<Moment> moments(RecoveryPlan plan) {
    return plan.cuts().stream().map(Moment::of).toList();
  }

  private static @Nullable String engine(RecoveryPlan plan) {
    return plan.scratch().map(found -> found.version().toString()).orElse(null);
  }

  static RecoveryView planned(RecoveryPlan plan) {
    return new RecoveryView(moments(plan), engine(plan), null, RestoreView.planned(plan.base()));
  }

  static RecoveryView done(RecoveryResult result) {
    return new RecoveryView(
        moments(result.plan()),
        engine(result.plan()),
        result.commands(),
        RestoreView.done(result.base()));
  }

  private long logBytes() {
    return moments.stream().mapToLong(Moment::logBytes).sum();
  }

  /// What will be done, for the person who is asked.
  List<String> planText(Instant now) {
    List<String> lines = new ArrayList<>();
    for (Moment moment : moments) {
      if (moments.size() > 1) {
        lines.add("shard     " + moment.shard());
      }
      lines.add(
          "moment    offset %d%s%s"
              .formatted(
                  moment.offset(),
                  moment.executedBy() == null
                      ? ""
                      : ", all of it executed by " + moment.executedBy(),
                  moment.boundSeconds() == null
                      ? ""
                      : "; complete up to %s s before the time asked for"
                          .formatted(moment.boundSeconds())));
      new Cut.Branch(moment.timeline(), moment.otherTimelines())
          .text()
          .ifPresent(text -> lines.add("timeline  " + text));
      lines.add("kept      " + (moment.lastKept() == null ? "-" : moment.lastKept()));
      lines.add("dropped   " + (moment.firstDropped() == null ? "nothing" : moment.firstDropped()));
      lines.add("log       %s behind the snapshot".formatted(ByteSize.format(moment.logBytes())));
    }
    if (engine != null) {
      lines.add(
          "roll      forward on this host, in its memory, with %s; what comes of it is restored like a snapshot"
              .formatted(engine));
    }
    lines.addAll(base.planText(now));
    return lines;
  }

  /// What was done.
  List<String> resultText(RecoveryResult result) {
    List<String> lines = new ArrayList<>(base.resultText(result.base()));
    lines.add(
        "replayed %s of the log, %s that change data, up to %s"
            .formatted(
                ByteSize.format(logBytes()),
                Text.count(result.commands(), "command"),
                moments.size() == 1
                    ? "offset " + moments.getFirst().offset()
                    : "the moment on %d shards".formatted(moments.size())));
    return lines;
  }
}
