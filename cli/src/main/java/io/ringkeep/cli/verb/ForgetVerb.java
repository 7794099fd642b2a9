package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import io.ringkeep.retention.Forget;
import io.ringkeep.retention.ForgetPlan;
import io.ringkeep.retention.ForgetRequest;
import io.ringkeep.retention.Prune;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep forget`.
@Command(
    name = "forget",
    header = "Forgets snapshots that no rule keeps, or that are named.",
    description = {
      "",
      "Shows what becomes of each snapshot and why, and asks first. A snapshot stays if any rule keeps it;"
          + " the newest one and pinned ones always stay. Of the log goes what is before the first snapshot"
          + " that it can be replayed onto. Nothing is deleted: 'prune' does that later."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep forget -r /srv/backup --keep-daily 7 --keep-weekly 4 --dry-run",
      "  ringkeep forget -r /srv/backup --cache orders --keep-within 2d --keep-daily 14 --yes --prune",
      "  ringkeep forget -r /srv/backup --cache orders --keep-window 7d --keep-monthly 12",
      "  ringkeep forget -r /srv/backup --cache orders 3f9a 77c0"
    })
final class ForgetVerb implements Verb {
  @Parameters(
      arity = "0..*",
      paramLabel = "SNAPSHOT",
      description = "the snapshots that go, instead of rules: ids, or starts of them")
  private List<String> snapshots = List.of();

  @Mixin private CacheOption cache = new CacheOption();
  @Mixin private RetentionOptions rules = new RetentionOptions();

  @Option(
      names = "--allow-none",
      description = "also if no good snapshot of the cache would be left")
  private boolean allowNone;

  @Option(names = "--prune", description = "then free what can be freed, as 'prune' does")
  private boolean prune;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description = "of --prune: only what has been forgotten for so long (default: 1h)")
  private @Nullable Duration grace;

  @Option(names = "--dry-run", description = "show the plan and stop")
  private boolean dryRun;

  @Option(names = "--yes", description = "do not ask")
  private boolean yes;

  @Override
  public Answer run(Session session) throws IOException {
    if (grace != null && !prune) {
      throw new InvalidRequest("--grace without --prune", "add --prune, or leave it out");
    }
    ForgetRequest request = new ForgetRequest(cache.name(), rules.policy(), snapshots, allowNone);
    try (Repository repository = session.open()) {
      // A cache that nobody knows is a typing error, not one without snapshots.
      Caches.chosen(repository, cache.name());
      ForgetPlan plan = Forget.plan(request, repository, session.clock());
      ForgetView planned = ForgetView.planned(plan);
      if (dryRun) {
        return Answer.done(planned, planned.planText());
      }
      session.say(planned.planText());
      boolean asks = !yes && !(plan.forgotten().isEmpty() && plan.log().isEmpty());
      if (asks && !session.confirm("Forget?", "add --yes, or --dry-run to see the plan")) {
        throw new InvalidRequest("not confirmed: nothing was forgotten", "type yes, or add --yes");
      }
      List<String> forgotten = Forget.run(plan, repository, session.clock());
      ForgetView done = ForgetView.done(plan, forgotten, prune ? prune(repository, session) : null);
      boolean healthy =
          plan.warnings().isEmpty() && (done.pruned() == null || done.pruned().complete());
      return Answer.of(healthy, done, done.resultText());
    }
  }

  private PruneView prune(Repository repository, Session session) throws IOException {
    Prune.Request request =
        new Prune.Request(
            grace == null ? Prune.GRACE : grace,
            Duration.ZERO,
            OptionalLong.empty(),
            /* dryRun= */ false);
    try (ProgressDisplay progress = session.progress()) {
      return PruneView.of(
          Prune.run(repository, cache.name(), request, session.clock(), progress),
          /* dryRun= */ false);
    }
  }

  @Override
  public String afterInterruption() {
    return "see 'list' which snapshots are there";
  }
}
