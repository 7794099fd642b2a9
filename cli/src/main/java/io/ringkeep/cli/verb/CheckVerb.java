package io.ringkeep.cli.verb;

import io.ringkeep.backup.SourceChecks;
import io.ringkeep.check.CheckLine;
import io.ringkeep.check.CheckLine.Level;
import io.ringkeep.check.RepositoryChecks;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.Table;
import io.ringkeep.repository.Repository;
import io.ringkeep.restore.Restore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep check`.
@Command(
    name = "check",
    header = "Tests whether a backup or a restore would work.",
    description = {
      "",
      "Writes, reads and deletes a small object in the repository. With --source or --target also"
          + " tests login, rights, memory, versions, databases and modules there: forks nothing,"
          + " changes nothing. Exits 1 if any line says FAIL."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep check -r /srv/backup --source redis://10.0.0.1:6379",
      "  ringkeep check -r /srv/backup --target redis://10.0.0.2:6379 --snapshot latest"
    })
final class CheckVerb implements Verb {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  @Option(names = "--source", paramLabel = "URL", description = "test a backup of this cache")
  private @Nullable String source;

  @Mixin private CaptureOptions capture = new CaptureOptions();

  @Option(names = "--target", paramLabel = "URL", description = "test a restore onto this cache")
  private @Nullable String target;

  @Mixin private LoadOptions load = new LoadOptions();

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    List<CheckLine> findings = new ArrayList<>();
    try (Repository repository = session.open()) {
      findings.addAll(RepositoryChecks.of(repository));
      if (source != null) {
        findings.addAll(
            SourceChecks.of(
                capture.request(session, load.cache(), source, OptionalLong.empty(), TIMEOUT),
                repository));
      }
      if (target != null) {
        findings.addAll(
            Restore.check(load.request(session, target, TIMEOUT), repository, session.clock()));
      }
    }
    boolean healthy = findings.stream().noneMatch(line -> line.level() == Level.FAIL);
    return Answer.of(healthy, findings, text(findings));
  }

  private static List<String> text(List<CheckLine> findings) {
    Table table = new Table("", "", "");
    findings.forEach(line -> table.row(line.level().name(), line.subject(), line.finding()));
    List<String> rows = table.lines();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < findings.size(); i++) {
      /* The first row is the empty heading. */
      lines.add(rows.get(i + 1));
      findings.get(i).hint().ifPresent(hint -> lines.add("      hint: " + hint));
    }
    return lines;
  }
}
