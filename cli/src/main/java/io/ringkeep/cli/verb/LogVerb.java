package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.Incremental;
import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.Table;
import io.ringkeep.recover.LogEvent;
import io.ringkeep.recover.LogEvents;
import io.ringkeep.recover.SyntheticBase;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep log`.
@Command(
    name = "log",
    header = "Looks into what 'archive' has recorded, and makes snapshots of it.",
    description = {"", "Reads the repository alone; no server is asked."},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {LogVerb.Events.class, LogVerb.Base.class},
    footerHeading = "%nExample:%n",
    footer = "  ringkeep log events -r /srv/backup --cache orders")
final class LogVerb {

  /// `ringkeep log events`.
  @Command(
      name = "events",
      header = "Lists commands that one may wish undone.",
      description = {
        "",
        "FLUSHALL, FLUSHDB, SWAPDB, RENAME, changes of functions, and DEL or UNLINK of many keys, with the"
            + " id that 'restore --to before:ID' takes. What came to every shard of a cluster is one event."
            + " Reads the whole log."
      },
      footerHeading = "%nExample:%n",
      footer = "  ringkeep log events -r /srv/backup --cache orders")
  static final class Events implements Verb {
    @Mixin private CacheOption cache = new CacheOption();

    @Option(
        names = "--many-keys",
        paramLabel = "N",
        description = "how many keys a DEL or UNLINK has to name to be listed (default: 100)")
    private int manyKeys = 100;

    /// One event.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EventView(
        String id, @Nullable Instant time, List<String> shards, int database, String command) {
      static EventView of(LogEvent event) {
        return new EventView(
            event.id(),
            event.time().orElse(null),
            event.shards(),
            event.database(),
            event.command());
      }
    }

    @Override
    public Answer run(Session session) throws IOException {
      try (Repository repository = session.open()) {
        LogEvents.Found found = LogEvents.of(repository, cache.name(), manyKeys);
        List<EventView> events = found.events().stream().map(EventView::of).toList();
        Table table = new Table("ID", "TIME", "SHARD", "DB", "COMMAND");
        for (EventView event : events) {
          table.row(
              event.id(),
              event.time() == null ? "-" : event.time().toString(),
              event.shards().size() == 1
                  ? event.shards().getFirst()
                  : "%d shards".formatted(event.shards().size()),
              Integer.toString(event.database()),
              event.command());
        }
        try (ProgressDisplay progress = session.progress()) {
          found.holes().forEach(hole -> progress.note("what happened there is not known: " + hole));
        }
        return Answer.of(
            found.holes().isEmpty(),
            events,
            events.isEmpty() ? List.of("no such commands in the log") : table.lines());
      }
    }
  }

  /// `ringkeep log base`.
  @Command(
      name = "base",
      header = "Makes a new snapshot without touching production: rolls the last one forward.",
      description = {
        "",
        "On this host, in servers of its own whose memory holds the whole dataset. A restore to a moment"
            + " behind it has less log to replay. It restores the last snapshot and replays the log, so it"
            + " proves that as well: 'drill --results' lists it."
      },
      footerHeading = "%nExample:%n",
      footer = "  ringkeep log base -r /srv/backup --cache orders")
  static final class Base implements Verb {
    @Mixin private CacheOption cache = new CacheOption();

    @Option(
        names = "--engine",
        paramLabel = "PATH",
        description = "redis-server or valkey-server that rolls it forward (default: from PATH)")
    private @Nullable Path engine;

    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        description = "give up after this long (default: 6h)")
    private Duration timeout = Duration.ofHours(6);

    @Override
    public Answer run(Session session) throws IOException, InterruptedException {
      try (Repository repository = session.open()) {
        StorageReport.requireWritable(repository);
        SyntheticBase.Result made;
        try (ProgressDisplay progress = session.progress()) {
          made =
              SyntheticBase.run(
                  cache.name(),
                  Optional.ofNullable(engine),
                  new Incremental(
                      /* full= */ false, /* acceptCollapse= */ false, session.localFolder()),
                  timeout,
                  repository,
                  session.clock(),
                  progress);
        }
        Duration elapsed = Duration.ofMillis(made.proof().elapsedMillis());
        return StorageReport.written(
            SnapshotView.taken(
                new BackupResult(made.manifest(), elapsed, made.manifest().warnings()), List.of()),
            repository);
      }
    }

    @Override
    public String afterInterruption() {
      return "no snapshot was committed; the next backup removes what this one left";
    }
  }
}
