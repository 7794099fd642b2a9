package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.Table;
import io.ringkeep.recover.CacheHistory;
import io.ringkeep.recover.LogEvent;
import io.ringkeep.recover.LogEvents;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep log`.
@Command(
    name = "log",
    header = "Looks into what 'archive' has recorded.",
    description = {"", "Reads the repository alone; no server is asked."},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {LogVerb.Events.class},
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
        CacheHistory history = CacheHistory.of(repository, cache.name());
        List<EventView> events =
            LogEvents.of(history, manyKeys).stream().map(EventView::of).toList();
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
        return Answer.done(
            events, events.isEmpty() ? List.of("no such commands in the log") : table.lines());
      }
    }
  }
}
