package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringkeep list`.
@Command(
    name = "list",
    header = "Lists snapshots, oldest first.",
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep list -r /srv/backup",
      "  ringkeep list -r /srv/backup --cache orders --output json"
    })
final class ListVerb implements Verb {
  @Option(
      names = "--cache",
      paramLabel = "NAME",
      description = "only snapshots of this lineage (default: of all)")
  @Nullable String cache;

  @Override
  public Answer run(Session session) throws IOException {
    try (Repository repository = session.open()) {
      List<SnapshotView> snapshots = new ArrayList<>();
      for (String name : Caches.chosen(repository, cache)) {
        snapshots.addAll(SnapshotsOf.cache(repository, name).views());
      }
      return Answer.done(
          snapshots,
          snapshots.isEmpty() ? List.of("no snapshots yet") : SnapshotView.table(snapshots));
    }
  }
}
