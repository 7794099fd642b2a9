package io.ringkeep.cli.verb;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.backup.Via;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.cli.session.Session;
import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.util.OptionalLong;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a cache is read: what `backup` does and `check --source` tests.
final class CaptureOptions {
  @Mixin private SourceOptions login = new SourceOptions();

  @Option(
      names = "--from",
      paramLabel = "prefer-replica|replica|primary",
      completionCandidates = Choices.OfSourcePolicy.class,
      description =
          "which server of each shard is read (default: prefer-replica, which says so when it falls"
              + " back to the primary)")
  private SourcePolicy from = SourcePolicy.PREFER_REPLICA;

  @Option(
      names = "--max-lag",
      paramLabel = "TIME",
      description = "how far behind a replica may be and still count (default: 10s)")
  private Duration maxLag = Duration.ofSeconds(10);

  @Option(
      names = "--forks-per-host",
      paramLabel = "N",
      description = "how many servers of one host may fork at once (default: 1)")
  private int forksPerHost = 1;

  @Option(
      names = "--via",
      paramLabel = "psync|scan",
      completionCandidates = Choices.OfVia.class,
      description =
          "as a replica, or key by key where PSYNC is refused: then each key is of a moment of its"
              + " own (default: psync)")
  private Via via = Via.PSYNC;

  @Option(
      names = "--adopt",
      description = "go on although the source shares nothing with what is kept of this cache")
  private boolean adopt;

  /// A request to read the cache at `url` for something else than a snapshot.
  BackupRequest request(
      Session session, String cache, String url, OptionalLong limit, Duration timeout) {
    Incremental plain =
        new Incremental(/* full= */ false, /* acceptCollapse= */ false, session.localFolder());
    return request(session, cache, url, limit, timeout, plain);
  }

  /// A request to read the cache at `url`.
  BackupRequest request(
      Session session,
      String cache,
      String url,
      OptionalLong limit,
      Duration timeout,
      Incremental incremental) {
    if (forksPerHost < 1) {
      throw new InvalidRequest("--forks-per-host is at least 1: forks=" + forksPerHost, null);
    }
    ServerLogin server = login.login(url);
    return new BackupRequest(
        cache,
        server.uri(),
        server.connection(session.secrets()),
        from,
        maxLag,
        forksPerHost,
        limit,
        timeout,
        via,
        adopt,
        incremental);
  }
}
