package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.KeyLookup;
import io.ringkeep.lookup.KeyLookup.Found;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.RawValue;
import io.ringkeep.lookup.ValueParts;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ringkeep get`.
@Command(
    name = "get",
    header = "Shows the value that a key has in a snapshot.",
    description = {
      "",
      "Reads a block or two, whatever the snapshot's size. Bytes that are no visible text are shown"
          + " as \\xNN; what is shown may be given as KEY again. Sets, hashes and sorted sets are"
          + " sorted."
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

  @Override
  public Answer run(Session session) throws IOException {
    KeyName wanted = key.key(name);
    if (raw && session.json()) {
      throw new InvalidRequest("--raw is not JSON", "leave out --raw or --output json");
    }
    try (Repository repository = session.open()) {
      return KeyLookup.get(
          repository,
          moment.cache(),
          moment.which(session),
          wanted,
          found -> show(found, wanted, session));
    }
  }

  private Answer show(Found found, KeyName wanted, Session session) throws IOException {
    if (raw) {
      if (found.type().logicalType() != LogicalType.STRING && session.toTerminal()) {
        throw new InvalidRequest(
            "this would write binary to the terminal: type="
                + KeyWords.type(found.type().logicalType()),
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
    out.println(
        "in snapshot %s of %s"
            .formatted(found.snapshot().id(), Text.time(found.snapshot().time())));
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

  private static void json(Found found, KeyName wanted, PrintStream out) {
    LogicalType type = found.type().logicalType();
    Record record = found.record();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartObject();
      json.writeStringProperty("key", wanted.text());
      json.writeNumberProperty("database", wanted.database());
      json.writeStringProperty("snapshot", found.snapshot().id());
      json.writeStringProperty("time", found.snapshot().time().toString());
      json.writeStringProperty("type", KeyWords.type(type));
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
