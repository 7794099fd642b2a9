package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.status.CacheStatus;
import io.ringkeep.status.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringkeep status`.
@Command(
    name = "status",
    header = "Says how old the newest snapshot is, what the log can restore, and how nodes are.",
    description = {
      "",
      "With --max-age, exits 1 when the newest snapshot of a cache is older than that, when it was"
          + " neither verified nor drilled, or when there is none. Made for cron and monitoring. Of a cache that is"
          + " archived it shows the window that can be restored, its gaps, and how far the log is behind;"
          + " it exits 1 when the log does not keep up with the server."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep status -r /srv/backup",
      "  ringkeep status -q -r /srv/backup --cache orders --max-age 26h || mail -s 'no backup' me"
    })
final class StatusVerb implements Verb {
  @Option(names = "--cache", paramLabel = "NAME", description = "only this lineage (default: all)")
  @Nullable String cache;

  @Option(
      names = "--max-age",
      paramLabel = "TIME",
      description =
          "exit 1 if the newest snapshot is older, or was neither verified nor drilled: 26h")
  @Nullable Duration maxAge;

  /// What `status` reports.
  ///
  /// @param storage the nodes, of a repository that has some
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record StatusView(boolean healthy, List<CacheView> caches, @Nullable NodesView storage) {}

  /// One lineage.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CacheView(
      String cache,
      boolean healthy,
      @Nullable String snapshot,
      @Nullable Instant time,
      @Nullable Double ageSeconds,
      @Nullable Instant verified,
      @Nullable Instant drilled,
      List<String> findings,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<LogView> logs,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<CacheHistory.Span> common) {
    static CacheView of(CacheStatus status) {
      return new CacheView(
          status.cache(),
          status.healthy(),
          status.newest().map(Manifest::id).orElse(null),
          status.newest().map(Manifest::time).orElse(null),
          status.age().map(age -> age.toMillis() / 1_000.0).orElse(null),
          status.verified().orElse(null),
          status.drilled().orElse(null),
          status.findings(),
          status.logs().stream().map(LogView::of).toList(),
          status.common());
    }
  }

  @Override
  public Answer run(Session session) throws IOException {
    try (Repository repository = session.open()) {
      List<String> chosen = Caches.chosen(repository, cache);
      List<CacheStatus> caches =
          Status.of(repository, Optional.ofNullable(maxAge), session.clock()).stream()
              .filter(status -> chosen.contains(status.cache()))
              .toList();
      NodesView storage =
          repository.store() instanceof PlacedStore store
              ? NodesView.of(store, session.place(), session.clock(), Status.needed(repository))
              : null;
      boolean healthy =
          caches.stream().allMatch(CacheStatus::healthy)
              && !(maxAge != null && caches.isEmpty())
              && (storage == null || storage.healthy());
      List<String> lines =
          new ArrayList<>(caches.isEmpty() ? List.of("no snapshots yet") : text(caches));
      if (storage != null) {
        lines.addAll(storage.text());
      }
      return Answer.of(
          healthy,
          new StatusView(healthy, caches.stream().map(CacheView::of).toList(), storage),
          lines);
    }
  }

  private static List<String> text(List<CacheStatus> caches) {
    List<String> lines = new ArrayList<>();
    for (CacheStatus status : caches) {
      lines.add(
          "%s: %s, %s"
              .formatted(
                  status.cache(),
                  status.healthy() ? "healthy" : "NEEDS ATTENTION",
                  newest(status)));
      status.findings().forEach(finding -> lines.add("  " + finding));
      status.logs().forEach(log -> lines.addAll(LogView.of(log).text()));
      status
          .common()
          .forEach(
              span -> lines.add("  all shards: %s to %s".formatted(span.from(), span.until())));
      if (status.logs().size() > 1 && status.common().isEmpty()) {
        lines.add("  all shards: no moment yet");
      }
    }
    return lines;
  }

  private static String newest(CacheStatus status) {
    if (status.newest().isEmpty()) {
      return "no snapshot";
    }
    Manifest manifest = status.newest().get();
    return "newest snapshot %s of %s%s, verified %s, drilled %s"
        .formatted(
            manifest.id(),
            Text.time(manifest.time()),
            status.age().map(age -> " (" + DurationText.format(age) + " old)").orElse(""),
            status.verified().map(Text::time).orElse("never"),
            status.drilled().map(Text::time).orElse("never"));
  }
}
