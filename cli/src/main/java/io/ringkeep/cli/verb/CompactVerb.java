package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.compact.Compact;
import io.ringkeep.compact.CompactResult;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep compact`.
@Command(
    name = "compact",
    header = "Merges the runs that a snapshot stands on.",
    description = {
      "",
      "Reads the repository alone, never the cache. The snapshot keeps its id and its records, and is read"
          + " back and compared before it changes. 'backup' does this by itself when there are too many runs;"
          + " after 'forget' it lets 'prune' free records that only forgotten snapshots had."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep compact -r /srv/backup --cache orders 3f9a",
      "  ringkeep compact -r /srv/backup --cache orders --all"
    })
final class CompactVerb implements Verb {
  @Parameters(
      arity = "0..1",
      paramLabel = "SNAPSHOT",
      description = "latest, an id, or the start of one (default: latest)")
  private @Nullable String snapshot;

  @Mixin private CacheOption cache = new CacheOption();

  @Option(
      names = "--all",
      description =
          "all snapshots that stand on more than 8 backups' runs; of each as little as pays")
  private boolean all;

  /// What `compact` reports of one snapshot.
  record CompactView(
      String snapshot,
      int runsBefore,
      int runs,
      long storedBytesBefore,
      long storedBytes,
      List<String> shared,
      double elapsedSeconds) {
    static CompactView of(CompactResult result) {
      return new CompactView(
          result.after().id(),
          result.before().runs().size(),
          result.after().runs().size(),
          result.before().storedBytes(),
          result.after().storedBytes(),
          result.shared(),
          Json.seconds(result.elapsed()));
    }
  }

  @Override
  public Answer run(Session session) throws IOException {
    if (all && snapshot != null) {
      throw new InvalidRequest("--all and a snapshot were given", "leave out one of them");
    }
    List<CompactResult> results = new ArrayList<>();
    try (Repository repository = session.open()) {
      StorageReport.requireWritable(repository);
      try (ProgressDisplay progress = session.progress()) {
        if (all) {
          results.addAll(Compact.all(repository, cache.name(), progress));
        } else {
          Compact.one(repository, cache.name(), snapshot == null ? "latest" : snapshot, progress)
              .ifPresent(results::add);
        }
      }
      List<String> lines = new ArrayList<>(results.stream().map(CompactVerb::text).toList());
      if (lines.isEmpty()) {
        lines.add("nothing to merge");
      }
      return StorageReport.written(
          Answer.done(results.stream().map(CompactView::of).toList(), lines), repository);
    }
  }

  private static String text(CompactResult result) {
    String shared =
        result.shared().isEmpty()
            ? ""
            : "; %s on it".formatted(Text.count(result.shared().size(), "later snapshot"));
    return "snapshot %s: %s now %s, %s now %s, read back and equal, in %s%s"
        .formatted(
            result.after().id(),
            Text.count(result.before().runs().size(), "run"),
            Text.count(result.after().runs().size()),
            ByteSize.format(result.before().storedBytes()),
            ByteSize.format(result.after().storedBytes()),
            DurationText.format(result.elapsed()),
            shared);
  }

  @Override
  public String afterInterruption() {
    return "snapshots are what they were, or compacted; the next backup or prune removes what this left";
  }
}
