package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.lookup.KeyScan;
import io.ringkeep.lookup.SpaceReport;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep report`.
@Command(
    name = "report",
    header = "Shows what takes the room in a snapshot.",
    description = {
      "",
      "Sums keys by type, database, time to live and the beginning of their names. Bytes are those"
          + " of names and values as an RDB has them: a server takes more, by its encodings and"
          + " about 50 to 100 bytes a key. Reads the snapshot once; no server is asked."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep report -r /srv/backup",
      "  ringkeep report -r /srv/backup --at -1d 'user:*' --depth 4 --output json",
      "  ringkeep report -r /srv/backup --html report.html"
    })
final class ReportVerb implements Verb {
  @Parameters(arity = "0..1", paramLabel = "PATTERN", description = "user:*, cart:{17}:? and so on")
  private @Nullable String pattern;

  @Mixin private MomentOption moment = new MomentOption();
  @Mixin private FilterOptions filter = new FilterOptions();

  @Option(
      names = "--separator",
      paramLabel = "TEXT",
      description = "what parts the words of names (default: a colon)")
  private String separator = ":";

  @Option(
      names = "--depth",
      paramLabel = "N",
      description = "how many words of names are told apart, 1 to 12 (default: 3)")
  private int depth = 3;

  @Option(
      names = "--branches",
      paramLabel = "N",
      description = "how many beginnings are shown within each, the heaviest (default: 10)")
  private int branches = 10;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "how many of the largest keys are named (default: 10)")
  private int top = 10;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "draw it as a map into this file, one page that needs nothing else; replaces it")
  private @Nullable Path html;

  @Override
  public Answer run(Session session) throws IOException {
    if (separator.isEmpty() || depth < 1 || depth > 12 || branches < 1 || top < 0) {
      throw new InvalidRequest(
          "no such report: separator=%s depth=%d branches=%d top=%d"
              .formatted(separator, depth, branches, top),
          "--separator is a text, --depth 1 to 12, --branches 1 or more, --top 0 or more");
    }
    try (Repository repository = session.open()) {
      SpaceReport report = new SpaceReport(separator, top);
      KeyScan.run(
          repository,
          moment.cache(),
          moment.which(session),
          filter.filter(pattern, session),
          report);
      List<String> lines = new ArrayList<>(ReportView.lines(report, branches, depth));
      if (html != null) {
        Files.writeString(html, ReportPage.of(report, moment.cache()));
        lines.add("");
        lines.add("drawn: " + html);
      }
      return Answer.done(ReportView.of(report, branches, depth), lines);
    }
  }
}
