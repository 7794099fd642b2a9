package io.ringkeep.cli.verb;

import io.ringkeep.archive.Archive;
import io.ringkeep.archive.ArchiveRequest;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep archive`.
@Command(
    name = "archive",
    header = "Archives every write of a server or cluster, so that any moment can be restored.",
    description = {
      "",
      "Runs until it is stopped. Reads the server's stream as a replica does, writes it to this host's"
          + " disk within a tenth of a second and into the repository within a second, and takes a"
          + " snapshot where the log has none to stand on. Follows failovers and goes on after restarts;"
          + " what could not be had is declared, and 'status' shows it. For a standalone server, a"
          + " primary under Sentinel, or a cluster, from Redis 6.0 on and Valkey."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep archive -r /srv/backup --cache orders --source redis://10.0.0.1:6379",
      "%nThen 'ringkeep restore' with --to goes to any moment, such as -15m; 'ringkeep status' shows which."
    })
final class ArchiveVerb implements Verb {
  private static final long SPOOL_BYTES = 4L << 30;
  private static final long SEGMENT_BYTES = 16L << 20;

  @Mixin private SourceUrl source = new SourceUrl();
  @Mixin private CacheOption cache = new CacheOption();
  @Mixin private CaptureOptions capture = new CaptureOptions();

  @Option(
      names = "--spool",
      paramLabel = "DIR",
      description =
          "folder of this host for what is not in the repository yet; it is not encrypted"
              + " (default: ~/.local/state/ringkeep)")
  private @Nullable Path spool;

  @Option(
      names = "--spool-size",
      paramLabel = "SIZE",
      description =
          "the most that it takes for each shard; when the repository is away for longer, the oldest is lost, and"
              + " said to be (default: 4GiB)")
  private @Nullable ByteSize spoolSize;

  @Option(
      names = "--fsync-every",
      paramLabel = "TIME",
      description = "how long writes may be in memory alone (default: 100ms)")
  private Duration fsyncEvery = Duration.ofMillis(100);

  @Option(
      names = "--segment-every",
      paramLabel = "TIME",
      description = "how long writes may be on this host alone (default: 1s)")
  private Duration segmentEvery = Duration.ofSeconds(1);

  @Option(
      names = "--no-base",
      description = "take no snapshot: 'backup' does, whenever it is run while this runs")
  private boolean noBase;

  @Option(
      names = "--synthetic-every",
      paramLabel = "TIME",
      description =
          "when the newest snapshot is that old, roll it forward on this host to a new one, with no fork in"
              + " production; the whole dataset fits into this host's memory then (default: never)")
  private @Nullable Duration syntheticEvery;

  @Option(
      names = "--engine",
      paramLabel = "PATH",
      description =
          "redis-server or valkey-server that rolls it forward (default: from PATH); with"
              + " --synthetic-every")
  private @Nullable Path engine;

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    BackupRequest base =
        capture.request(
            session, cache.name(), source.url(), OptionalLong.empty(), Duration.ofHours(6));
    ArchiveRequest request =
        new ArchiveRequest(
            base,
            Optional.ofNullable(spool).orElseGet(session::stateFolder),
            spoolSize == null ? SPOOL_BYTES : spoolSize.bytes(),
            fsyncEvery,
            segmentEvery,
            SEGMENT_BYTES,
            /* takeBase= */ !noBase,
            Optional.ofNullable(syntheticEvery)
                .map(every -> new ArchiveRequest.Synthetic(every, Optional.ofNullable(engine))));
    try (Repository repository = session.open();
        ProgressDisplay progress = session.progress()) {
      Archive.run(request, repository, session.clock(), progress);
    }
    throw new IllegalStateException("an archive ends when it is told to");
  }

  @Override
  public String afterInterruption() {
    return "what was received is kept; the next run goes on from there";
  }
}
