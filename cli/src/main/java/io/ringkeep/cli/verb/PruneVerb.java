package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.repository.Repository;
import io.ringkeep.retention.Prune;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringkeep prune`.
@Command(
    name = "prune",
    header = "Deletes what no snapshot needs any more, and the log that was forgotten.",
    description = {
      "",
      "Frees what 'forget' and 'compact' left, after a grace period and not while someone reads, and what"
          + " backups left that died. Can be killed at any time and run again. Exits 1 if something had to stay."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep prune -r /srv/backup --dry-run",
      "  ringkeep prune -r /srv/backup --cache orders --wait 2h"
    })
final class PruneVerb implements Verb {
  @Option(names = "--cache", paramLabel = "NAME", description = "only this lineage (default: all)")
  private @Nullable String cache;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description = "only what has been forgotten for so long; 0s for at once (default: 1h)")
  private Duration grace = Prune.GRACE;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description = "wait so long for restores and others that read (default: 0s)")
  private Duration patience = Duration.ZERO;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "delete no more than so many objects a second (default: no limit)")
  private @Nullable Integer limit;

  @Option(names = "--dry-run", description = "say what would be freed, and when, and stop")
  private boolean dryRun;

  @Override
  public Answer run(Session session) throws IOException {
    if (limit != null && limit < 1) {
      throw new InvalidRequest("a limit of less than one object a second: " + limit, null);
    }
    Prune.Request request =
        new Prune.Request(
            grace, patience, limit == null ? OptionalLong.empty() : OptionalLong.of(limit), dryRun);
    try (Repository repository = session.open()) {
      List<PruneView> views = new ArrayList<>();
      try (ProgressDisplay progress = session.progress()) {
        for (String name : Caches.chosen(repository, cache)) {
          try {
            views.add(
                PruneView.of(
                    Prune.run(repository, name, request, session.clock(), progress), dryRun));
          } catch (Locked e) {
            if (cache != null) {
              throw e;
            }
            views.add(PruneView.locked(name, dryRun, String.valueOf(e.getMessage())));
          }
        }
      }
      List<String> lines = new ArrayList<>();
      views.forEach(view -> lines.addAll(view.text()));
      if (lines.isEmpty()) {
        lines.add("no snapshots yet");
      }
      return Answer.of(views.stream().allMatch(PruneView::complete), views, lines);
    }
  }

  @Override
  public String afterInterruption() {
    return "snapshots are whole; run it again to free the rest";
  }
}
