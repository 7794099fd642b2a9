package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.LiveComparison;
import io.ringkeep.lookup.Which;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ringkeep compare`.
@Command(
    name = "compare",
    header = "Compares a snapshot with a live cache.",
    description = {
      "",
      "Reads the cache's primaries once, as a backup does, and says which keys are only there, only"
          + " in the snapshot, or another. Keys of the snapshot that have expired since are counted"
          + " apart. Exits 1 if anything differs. Needs some 60 bytes of temporary disk for each"
          + " key."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep compare -r /srv/backup --with redis://10.0.0.1:6379",
      "  ringkeep compare -r /srv/backup 3f9a --with redis://10.0.0.1:6379 --keys"
    })
final class CompareVerb implements Verb {
  @Parameters(
      arity = "0..1",
      paramLabel = "SNAPSHOT",
      description = "latest, an id, or the start of one (default: latest)")
  private String snapshot = "latest";

  @Option(
      names = "--with",
      required = true,
      paramLabel = "URL",
      description = {
        "redis://[user@]host:port[,host:port]",
        "redis-sentinel://host:port[,host:port]/name",
        "redis-ketama://host:port[:weight][=name][,…]/client[/hash[/tag]] for all servers of a ring;"
            + " client: twemproxy, jedis, spymemcached",
        "rediss:// and rediss-sentinel:// for TLS"
      })
  private String live = "";

  @Mixin private CacheOption cache = new CacheOption();

  @Option(names = "--keys", description = "also each key that differs")
  private boolean keys;

  @Option(
      names = "--separator",
      paramLabel = "TEXT",
      description = "what ends the first word of a name (default: a colon)")
  private String separator = ":";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "give up after this long (default: 6h)")
  private Duration timeout = Duration.ofHours(6);

  @Mixin private SourceOptions login = new SourceOptions();

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    DifferenceTable table = new DifferenceTable(separator);
    PrintStream out = session.out();
    ServerLogin server = login.login(live);
    LiveComparison.Request request =
        new LiveComparison.Request(
            cache.name(),
            new Which.Named(snapshot),
            server.uri(),
            server.connection(session.secrets()),
            timeout);
    try (Repository repository = session.open()) {
      @Nullable JsonGenerator json = session.json() ? Json.generator(out) : null;
      if (json != null) {
        json.writeStartObject();
        json.writeArrayPropertyStart("keys");
      }
      LiveComparison.Result result;
      try (ProgressDisplay progress = session.progress()) {
        result =
            LiveComparison.run(
                request,
                repository,
                session.clock(),
                progress,
                difference -> {
                  table.add(difference);
                  if (keys) {
                    DiffVerb.print(difference, json, out);
                  }
                });
      }
      if (json != null) {
        json.writeEndArray();
        json.writeStringProperty("snapshot", result.snapshot().id());
        json.writeNumberProperty("liveKeys", result.liveKeys());
        json.writeNumberProperty("expired", result.expired());
        json.writeStringProperty("slots", slots(result));
        table.json(json);
        json.writeEndObject();
        json.close();
        out.println();
      } else {
        text(result, table, out);
      }
      return Answer.printed(table.any() ? Answer.ATTENTION : Answer.DONE);
    }
  }

  private static String slots(LiveComparison.Result result) {
    return String.join(",", result.slots().stream().map(SlotRange::toString).toList());
  }

  private void text(LiveComparison.Result result, DifferenceTable table, PrintStream out) {
    if (keys && table.any()) {
      out.println();
    }
    out.println(
        "snapshot %s of %s (%s) and the live cache (%s): %s"
            .formatted(
                result.snapshot().id(),
                Text.time(result.snapshot().time()),
                Text.count(result.snapshot().records(), "key"),
                Text.count(result.liveKeys(), "key"),
                table.any() ? table.total() : "no difference"));
    if (result.expired() > 0) {
      out.println(
          "%s of the snapshot expired since: no difference"
              .formatted(Text.count(result.expired(), "key")));
    }
    if (table.any()) {
      out.println("added is only in the live cache, removed only in the snapshot");
      String slots = slots(result);
      out.println(
          "slots that differ: " + (slots.length() > 200 ? slots.substring(0, 200) + "…" : slots));
      out.println();
      table.lines().forEach(out::println);
    }
  }
}
