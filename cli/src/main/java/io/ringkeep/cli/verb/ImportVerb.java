package io.ringkeep.cli.verb;

import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.RdbImport;
import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `ringkeep import`.
@Command(
    name = "import",
    header = "Makes a snapshot of RDB files.",
    description = {
      "",
      "Of any version and writer; all files together are one snapshot, such as one file for each shard."
          + " A file that is damaged or holds something unknown is refused with the offset and the"
          + " reason, and no snapshot is made."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep import -r /srv/backup dump.rdb",
      "  ringkeep import -r /srv/backup --cache orders shard-1.rdb shard-2.rdb shard-3.rdb"
    })
final class ImportVerb implements Verb {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "RDB files")
  private List<Path> files = List.of();

  @Mixin private CacheOption cache = new CacheOption();

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    try (Repository repository = session.open()) {
      StorageReport.requireWritable(repository);
      BackupResult result;
      try (ProgressDisplay progress = session.progress()) {
        result = RdbImport.run(repository, cache.name(), files, session.clock(), progress);
      }
      return StorageReport.written(SnapshotView.taken(result, List.of()), repository);
    }
  }

  @Override
  public String afterInterruption() {
    return "no snapshot was committed; run it again";
  }
}
