package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.Verification;
import io.ringkeep.verify.Verify;
import io.ringkeep.verify.VerifyResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringkeep verify`.
@Command(
    name = "verify",
    header = "Reads and checks every stored byte that snapshots need, and the log.",
    description = {
      "",
      "Decrypts, decompresses, and compares every checksum and digest; names what is damaged and what that"
          + " affects. Exits 7 if anything is. A snapshot that is whole is recorded as verified."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep verify -r /srv/backup",
      "  ringkeep verify -r /srv/backup --cache orders --snapshot latest"
    })
final class VerifyVerb implements Verb {
  private static final int DAMAGED = 7;

  @Option(names = "--cache", paramLabel = "NAME", description = "only this lineage (default: all)")
  private @Nullable String cache;

  @Option(
      names = "--snapshot",
      paramLabel = "ID",
      description = "only this snapshot: latest, an id, or the start of one (default: all)")
  private @Nullable String snapshot;

  /// What `verify` reports.
  record VerifyView(
      boolean whole,
      List<String> snapshots,
      long records,
      long bytes,
      List<Verification.Finding> findings,
      List<String> orphans,
      double elapsedSeconds) {
    static VerifyView of(VerifyResult result) {
      return new VerifyView(
          result.findings().isEmpty(),
          result.snapshots(),
          result.records(),
          result.bytes(),
          result.findings(),
          result.orphans(),
          Json.seconds(result.elapsed()));
    }
  }

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    try (Repository repository = session.open()) {
      Caches.chosen(repository, cache);
      VerifyResult result;
      try (ProgressDisplay progress = session.progress()) {
        result =
            Verify.run(
                repository,
                Optional.ofNullable(cache),
                Optional.ofNullable(snapshot),
                session.clock(),
                progress);
      }
      int exitCode = result.findings().isEmpty() ? Answer.DONE : DAMAGED;
      return StorageReport.read(
          new Answer(VerifyView.of(result), text(result), exitCode), repository);
    }
  }

  private static List<String> text(VerifyResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %s, %s, %s read in %s"
            .formatted(
                result.findings().isEmpty() ? "whole" : "DAMAGED",
                Text.count(result.snapshots().size(), "snapshot"),
                Text.count(result.records(), "record"),
                ByteSize.format(result.bytes()),
                DurationText.format(result.elapsed())));
    for (Verification.Finding finding : result.findings()) {
      lines.add("  " + finding.object());
      lines.add("    " + finding.reason());
      lines.add("    affects " + affected(finding));
    }
    if (!result.orphans().isEmpty()) {
      lines.add(
          Text.count(result.orphans().size(), "object")
              + " no snapshot needs: the next backup removes what an interrupted one left");
    }
    return lines;
  }

  private static String affected(Verification.Finding finding) {
    if (finding.slots().isEmpty()) {
      return "no snapshot";
    }
    if (finding.snapshots().isEmpty()) {
      return "all snapshots";
    }
    String slots =
        finding.slots().equals(List.of(SlotRange.ALL))
            ? "all slots"
            : "slots "
                + finding.slots().stream()
                    .map(SlotRange::toString)
                    .collect(Collectors.joining(","));
    String records = finding.records() == 0 ? "" : ", " + Text.count(finding.records(), "record");
    return "%s %s: %s%s"
        .formatted(
            finding.snapshots().size() == 1 ? "snapshot" : "snapshots",
            String.join(", ", finding.snapshots()),
            slots,
            records);
  }
}
