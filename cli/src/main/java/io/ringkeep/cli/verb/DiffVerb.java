package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.SnapshotDiff;
import io.ringkeep.lookup.SnapshotDiff.Difference;
import io.ringkeep.lookup.Which;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ringkeep diff`.
@Command(
    name = "diff",
    header = "Shows what differs between two snapshots of a cache.",
    description = {
      "",
      "Keys added, removed and changed, by the beginning of their names. Only slots whose digests"
          + " differ are read. A key whose encoding alone is another, after a restart or an"
          + " upgrade, is no change."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep diff -r /srv/backup 3f9a latest",
      "  ringkeep diff -r /srv/backup --cache orders 3f9a 77b0 --keys --values"
    })
final class DiffVerb implements Verb {
  @Parameters(index = "0", paramLabel = "BEFORE", description = "a snapshot: an id, or its start")
  private String before = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "AFTER",
      description = "another one (default: latest)")
  private String after = "latest";

  @Mixin private CacheOption cache = new CacheOption();

  @Option(names = "--keys", description = "also each key that differs")
  private boolean keys;

  @Option(names = "--values", description = "also what changed in each value; implies --keys")
  private boolean values;

  @Option(
      names = "--separator",
      paramLabel = "TEXT",
      description = "what ends the first word of a name (default: a colon)")
  private String separator = ":";

  /// A key that differs.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DifferenceView(
      String change,
      String key,
      int database,
      String type,
      @Nullable Long bytesBefore,
      @Nullable Long bytes,
      @Nullable ChangeView value) {
    static DifferenceView of(Difference difference) {
      return new DifferenceView(
          Choices.word(difference.kind()),
          difference.key().key(),
          difference.key().database(),
          difference.key().type().word(),
          difference.before().map(listed -> listed.bytes()).orElse(null),
          difference.after().map(listed -> listed.bytes()).orElse(null),
          difference
              .change()
              .map(
                  change -> ChangeView.of(change, difference.before().orElseThrow().expiryMillis()))
              .orElse(null));
    }
  }

  @Override
  public Answer run(Session session) throws IOException {
    DifferenceTable table = new DifferenceTable(separator);
    PrintStream out = session.out();
    try (Repository repository = session.open()) {
      @Nullable JsonGenerator json = session.json() ? Json.generator(out) : null;
      if (json != null) {
        json.writeStartObject();
        json.writeArrayPropertyStart("keys");
      }
      SnapshotDiff.Result result =
          SnapshotDiff.run(
              repository,
              cache.name(),
              new Which.Named(before),
              new Which.Named(after),
              values,
              difference -> {
                table.add(difference);
                if (keys || values) {
                  print(difference, json, out);
                }
              });
      if (json != null) {
        json.writeEndArray();
        json.writeStringProperty("before", result.before().id());
        json.writeStringProperty("after", result.after().id());
        json.writeNumberProperty("slots", result.slots());
        table.json(json);
        json.writeEndObject();
        json.close();
        out.println();
      } else {
        text(result, table, out);
      }
      return Answer.printed(Answer.DONE);
    }
  }

  private void text(SnapshotDiff.Result result, DifferenceTable table, PrintStream out) {
    if ((keys || values) && table.any()) {
      out.println();
    }
    out.println(
        "%s of %s to %s of %s: %s; %s differ and were read"
            .formatted(
                result.before().id(),
                Text.time(result.before().time()),
                result.after().id(),
                Text.time(result.after().time()),
                table.any() ? table.total() : "no difference",
                Text.count(result.slots(), "slot")));
    if (table.any()) {
      out.println();
      table.lines().forEach(out::println);
    }
  }

  static void print(Difference difference, @Nullable JsonGenerator json, PrintStream out) {
    if (json != null) {
      json.writePOJO(DifferenceView.of(difference));
      return;
    }
    String mark =
        switch (difference.kind()) {
          case ADDED -> "+ ";
          case REMOVED -> "- ";
          case CHANGED -> "~ ";
        };
    out.println(
        mark
            + difference.key().key()
            + (difference.key().database() == 0 ? "" : "  (db " + difference.key().database() + ")")
            + "  "
            + difference.key().type().word());
    difference.change().map(ChangeView::text).orElse(List.of()).stream()
        .map(line -> "    " + line)
        .forEach(out::println);
    boolean expiry =
        difference.before().isPresent()
            && difference.after().isPresent()
            && difference.before().get().expiryMillis() != difference.after().get().expiryMillis();
    if (difference.change().isPresent() && expiry) {
      out.println("    another expiry");
    }
  }
}
