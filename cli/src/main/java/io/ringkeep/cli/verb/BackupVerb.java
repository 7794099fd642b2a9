package io.ringkeep.cli.verb;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupPlan;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.Incremental;
import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep backup`.
@Command(
    name = "backup",
    header = "Takes a snapshot of all shards, or none.",
    description = {
      "",
      "Reads each shard as a replica would: one fork per shard on the server that is read, no more load"
          + " than a replica's full sync. The snapshot is there when the command says so, not before.",
      "After the first one, only records that changed since the snapshot before are stored. What this"
          + " machine knows of that snapshot lies in $XDG_CACHE_HOME/ringkeep or ~/.cache/ringkeep; without"
          + " it the snapshot is read once more."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep backup -r /srv/backup --source redis://10.0.0.1:6379",
      "  ringkeep backup -r /srv/backup --cache orders --from replica --limit 50MiB/s \\",
      "      --source redis-sentinel://10.0.0.1:26379,10.0.0.2:26379/orders"
    })
final class BackupVerb implements Verb {
  @Mixin private SourceUrl source = new SourceUrl();
  @Mixin private CacheOption cache = new CacheOption();
  @Mixin private CaptureOptions capture = new CaptureOptions();

  @Option(
      names = "--limit",
      paramLabel = "RATE",
      description = "read no faster than this, all shards together: 50MiB/s (default: no limit)")
  private @Nullable ByteRate limit;

  @Option(
      names = "--require-full",
      description = "commit nothing unless every piece and copy is written to its storage node")
  private boolean requireFull;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "give up after this long (default: 6h)")
  private Duration timeout = Duration.ofHours(6);

  @Option(names = "--full", description = "store all records, whether they changed or not")
  private boolean full;

  @Option(
      names = "--accept-collapse",
      description =
          "far fewer keys than in the snapshot before are meant to be so (default: such a snapshot is marked,"
              + " 'latest' passes it over, and the command exits 1)")
  private boolean acceptCollapse;

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    BackupRequest request =
        capture.request(
            session,
            cache.name(),
            source.url(),
            limit == null ? OptionalLong.empty() : OptionalLong.of(limit.bytesPerSecond()),
            timeout,
            new Incremental(full, acceptCollapse, session.localFolder()));
    try (Repository repository = session.open()) {
      if (requireFull && repository.store() instanceof PlacedStore store) {
        store.requireFull();
      }
      StorageReport.requireWritable(repository);
      BackupPlan plan = Backup.plan(request, repository);
      BackupResult result;
      try (ProgressDisplay progress = session.progress()) {
        result = Backup.run(plan, repository, session.clock(), progress);
      }
      return StorageReport.written(SnapshotView.taken(result, plan.warnings()), repository);
    }
  }

  @Override
  public String afterInterruption() {
    return "no snapshot was committed; the next backup removes what this one left";
  }
}
