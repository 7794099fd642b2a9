package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.recover.Recovery;
import io.ringkeep.recover.RecoveryPlan;
import io.ringkeep.recover.RecoveryResult;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.Timelines;
import io.ringkeep.repository.Repository;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.restore.UndoSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep restore`.
@Command(
    name = "restore",
    header = "Puts a snapshot onto a standalone, a primary under Sentinel, or a cluster.",
    description = {
      "",
      "Shows what it will do and asks first. The target need not have the shape of the source. At"
          + " the end the target is read back and compared; if it differs, the exit status is 7."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep restore -r /srv/backup --snapshot latest --target redis://10.0.0.2:6379"
          + " --dry-run",
      "  ringkeep restore -r /srv/backup --target redis://10.0.0.2:6379 --existing replace --yes",
      "  ringkeep restore -r /srv/backup --target redis://10.0.0.2:6379 --existing merge \\",
      "      --match user:* --on-conflict skip --limit 20MiB/s",
      "  ringkeep restore -r /srv/backup --target redis://10.0.0.2:6379 --to 2026-11-22T10:15:00Z"
    })
final class RestoreVerb implements Verb {
  @Mixin private TargetUrl target = new TargetUrl();
  @Mixin private LoadOptions load = new LoadOptions();

  @Option(
      names = "--to",
      paramLabel = "MOMENT",
      description = {
        "what 'archive' has recorded up to a moment, instead of a snapshot:",
        "2026-11-22T10:15:00.250Z, -15m, offset:N, offset:SHARD=N,SHARD=N,"
            + " or before:ID from 'log events'"
      })
  private @Nullable String to;

  @Mixin private TimelineOption timeline = new TimelineOption();

  @Option(
      names = "--engine",
      paramLabel = "PATH",
      description =
          "redis-server or valkey-server that rolls a cluster's shards forward on this host"
              + " (default: from PATH); with --to")
  private @Nullable Path engine;

  @Option(names = "--dry-run", description = "show the plan and stop")
  private boolean dryRun;

  @Option(names = "--yes", description = "do not ask")
  private boolean yes;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "give up after this long (default: 6h)")
  private Duration timeout = Duration.ofHours(6);

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    RestoreRequest request = load.request(session, target.url(), timeout);
    Timelines timelines = timeline.timelines(/* moment= */ to != null, "--to");
    if (to != null) {
      return recover(session, request, to, timelines);
    }
    try (Repository repository = session.open()) {
      RestorePlan plan = Restore.plan(request, repository, session.clock());
      RestoreView planned = RestoreView.planned(plan);
      List<String> planText = planned.planText(session.clock().instant());
      if (dryRun) {
        return Answer.done(planned, planText);
      }
      session.say(planText);
      if (!yes && !session.confirm("Restore?", "add --yes, or --dry-run to see the plan")) {
        throw new InvalidRequest("not confirmed: nothing was changed", "type yes, or add --yes");
      }
      RestoreResult result;
      try (ProgressDisplay progress = session.progress()) {
        result = Restore.run(plan, repository, session.clock(), progress);
      }
      RestoreView done = RestoreView.done(result);
      Answer answer = Answer.of(result.complete(), done, done.resultText(result));
      return StorageReport.read(answer, repository);
    }
  }

  private Answer recover(
      Session session, RestoreRequest request, String moment, Timelines timelines)
      throws IOException, InterruptedException {
    RecoveryTarget wanted =
        RecoveryTarget.parse(moment, session.clock().instant(), DurationText::parse);
    try (Repository repository = session.open()) {
      RecoveryPlan plan =
          Recovery.plan(
              request, wanted, timelines, Optional.ofNullable(engine), repository, session.clock());
      RecoveryView planned = RecoveryView.planned(plan);
      List<String> planText = planned.planText(session.clock().instant());
      if (dryRun) {
        return Answer.done(planned, planText);
      }
      session.say(planText);
      if (!yes && !session.confirm("Restore?", "add --yes, or --dry-run to see the plan")) {
        throw new InvalidRequest("not confirmed: nothing was changed", "type yes, or add --yes");
      }
      RecoveryResult result;
      try (ProgressDisplay progress = session.progress()) {
        result = Recovery.run(plan, repository, session.clock(), progress);
      }
      RecoveryView done = RecoveryView.done(result);
      Answer answer = Answer.of(result.base().complete(), done, done.resultText(result));
      return StorageReport.read(answer, repository);
    }
  }

  @Override
  public String afterInterruption() {
    String again =
        load.existing() == Existing.MERGE
            ? "as it was (--existing replace would remove all other keys)"
            : "with --existing replace";
    return "the target may hold a part of the snapshot; run it again %s, and with --no-undo if 'list --cache %s' shows what it held before"
        .formatted(again, UndoSnapshot.cache(load.cache()));
  }
}
