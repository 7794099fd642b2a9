package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.KeyLookup;
import io.ringkeep.lookup.KeyLookup.Found;
import io.ringkeep.lookup.KeyLookup.LogPlace;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.MomentLookup;
import io.ringkeep.lookup.RawValue;
import io.ringkeep.lookup.ValueParts;
import io.ringkeep.lookup.Which;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Record;
import io.ringkeep.recover.Timelines;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ringkeep get`.
@Command(
    name = "get",
    header = "Shows the value that a key has in a snapshot, or had at a moment.",
    description = {
      "",
      "Reads a block or two, whatever the snapshot's size. Bytes that are no visible text are shown"
          + " as \\xNN; what is shown may be given as KEY again. Sets, hashes and sorted sets are"
          + " sorted.",
      "With --at, what 'archive' has recorded is read too: the value is that of the moment, exact to the"
          + " transaction. If a command behind the last snapshot names the key, the key's shard is rolled"
          + " forward in a server of our own on this host, in its memory."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep get -r /srv/backup user:1000",
      "  ringkeep get -r /srv/backup --at -2h --output json user:1000",
      "  ringkeep get -r /srv/backup --snapshot 3f9a --raw page:/index > index.html"
    })
final class GetVerb implements Verb {
  @Parameters(arity = "1", paramLabel = "KEY", description = "the key's name")
  private String name = "";

  @Mixin private KeyOption key = new KeyOption();
  @Mixin private MomentOption moment = new MomentOption();

  @Mixin private TimelineOption timeline = new TimelineOption();

  @Option(
      names = "--all",
      description =
          "all elements, and all of each (default: 100 elements, 1 KiB of each); JSON always has"
              + " all")
  private boolean all;

  @Option(
      names = "--raw",
      description = {
        "the bytes of a string and nothing else;",
        "of other types what DUMP answers, for RESTORE: to a file or a pipe"
      })
  private boolean raw;

  @Option(
      names = "--engine",
      paramLabel = "PATH",
      description =
          "redis-server or valkey-server that rolls a shard forward (default: from PATH); with --at")
  private @Nullable Path engine;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "give up after this long (default: 6h)")
  private Duration timeout = Duration.ofHours(6);

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    KeyName wanted = key.key(name);
    if (raw && session.json()) {
      throw new InvalidRequest("--raw is not JSON", "leave out --raw or --output json");
    }
    Which which = moment.which(session);
    Timelines timelines = timeline.timelines(/* moment= */ which instanceof Which.At, "--at");
    try (Repository repository = session.open()) {
      return switch (which) {
        case Which.Named named ->
            KeyLookup.get(
                repository, moment.cache(), named, wanted, found -> show(found, wanted, session));
        case Which.At(Instant at) -> at(session, repository, at, timelines, wanted);
      };
    }
  }

  private Answer at(
      Session session, Repository repository, Instant at, Timelines timelines, KeyName wanted)
      throws IOException, InterruptedException {
    try (ProgressDisplay progress = session.progress()) {
      return MomentLookup.get(
          repository,
          moment.cache(),
          at,
          timelines,
          wanted,
          Optional.ofNullable(engine),
          timeout,
          session.clock(),
          progress,
          found -> show(found, wanted, session));
    }
  }

  private Answer show(Found found, KeyName wanted, Session session) throws IOException {
    if (raw) {
      if (found.type().logicalType() != LogicalType.STRING && session.toTerminal()) {
        throw new InvalidRequest(
            "this would write binary to the terminal: type=" + found.type().logicalType().word(),
            "send it to a file or a pipe, or leave out --raw");
      }
      RawValue.write(found.record(), Channels.newChannel(session.out()));
    } else if (session.json()) {
      json(found, wanted, session.out());
    } else {
      text(found, wanted, session);
    }
    return Answer.printed(Answer.DONE);
  }

  private void text(Found found, KeyName wanted, Session session) {
    ValueParts.Limits limits = all ? ValueParts.Limits.ALL : ValueParts.Limits.SCREEN;
    LogicalType type = found.type().logicalType();
    PrintStream out = session.out();
    out.println(
        "%s: %s, %s, %s"
            .formatted(
                wanted.text(),
                found.type().description(),
                ByteSize.format(found.record().value().remaining()),
                KeyWords.expiry(found.record().expiryMillis(), session.clock().instant())));
    out.println(where(found));
    out.println();
    ValueParts.Count count = ValueParts.read(found.record(), limits, new ValueText(out));
    if (type != LogicalType.STRING && type != LogicalType.MODULE) {
      out.println();
      out.println(
          count.shown() == count.elements()
              ? KeyWords.size(type, count.elements())
              : "%s of %s shown, --all shows the others"
                  .formatted(Text.count(count.shown()), KeyWords.size(type, count.elements())));
    }
  }

  private static String where(Found found) {
    if (found.place().isEmpty()) {
      return "in snapshot %s of %s"
          .formatted(found.snapshot().id(), Text.time(found.snapshot().time()));
    }
    LogPlace place = found.place().get();
    return "at offset %d%s%s, in the log behind snapshot %s"
        .formatted(
            place.offset(),
            place.executedBy().map(time -> ", all of it executed by " + time).orElse(""),
            place
                .bound()
                .map(bound ->
                    "; complete up to %s s before the time asked for"
                        .formatted(Json.seconds(bound)))
                .orElse(""),
            found.snapshot().id());
  }

  private static void json(Found found, KeyName wanted, PrintStream out) {
    LogicalType type = found.type().logicalType();
    Record record = found.record();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartObject();
      json.writeStringProperty("key", wanted.text());
      json.writeNumberProperty("database", wanted.database());
      json.writeStringProperty("snapshot", found.snapshot().id());
      json.writeStringProperty("time", found.snapshot().time().toString());
      if (found.place().isPresent()) {
        LogPlace place = found.place().get();
        json.writeStringProperty("shard", place.shard());
        json.writeNumberProperty("offset", place.offset());
        place
            .executedBy()
            .ifPresent(time -> json.writeStringProperty("executedBy", time.toString()));
      }
      json.writeStringProperty("type", type.word());
      json.writeStringProperty("encoding", found.type().description());
      json.writeNumberProperty("bytes", record.value().remaining());
      if (record.expires()) {
        json.writeStringProperty("expires", Instant.ofEpochMilli(record.expiryMillis()).toString());
      }
      ValueJson value = new ValueJson(json, type);
      value.begin();
      ValueParts.Count count = ValueParts.read(record, ValueParts.Limits.ALL, value);
      value.end();
      json.writeNumberProperty("elements", count.elements());
      json.writeEndObject();
    }
    out.println();
  }
}
