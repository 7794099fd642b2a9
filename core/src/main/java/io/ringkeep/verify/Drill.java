package io.ringkeep.verify;

import io.ringkeep.redis.RedisUri;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofRecord;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Proof;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.restore.SnapshotFormat;
import io.ringkeep.scratch.EngineSearch;
import io.ringkeep.scratch.ScratchServer;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// Restores a snapshot into a server of our own, reads it back, and writes down that it did.
public final class Drill {
  private Drill() {}

  /// Restores, compares, and records what was found.
  ///
  /// @throws io.ringkeep.model.BackupException if the snapshot is damaged, or no server program
  ///   here can load it
  public static DrillResult run(
      DrillRequest request, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    Manifest manifest = repository.snapshots(request.cache()).resolve(request.snapshot());
    EngineSearch.Found engine = EngineSearch.find(manifest, request.engine());
    progress.note("restoring into %s (%s)".formatted(engine.program(), engine.version()));
    long startNanos = System.nanoTime();
    RestoreResult restored;
    try (ScratchServer server =
        ScratchServer.start(engine.program(), SnapshotFormat.databases(manifest))) {
      RestoreRequest restore =
          new RestoreRequest(
              request.cache(),
              manifest.id(),
              RedisUri.parse("redis://" + server.endpoint()),
              ScratchServer.CONNECTION,
              Existing.REFUSE,
              Loader.REPLICATION,
              Proof.TARGET,
              Optional.empty(),
              request.timeout());
      restored = Restore.run(Restore.plan(restore, repository, clock), repository, clock, progress);
    }
    DrillResult result =
        new DrillResult(
            manifest,
            engine.version().toString(),
            restored.records(),
            restored.load(),
            Duration.ofNanos(System.nanoTime() - startNanos));
    repository
        .proofs(request.cache())
        .add(
            ProofRecord.of(
                ProofRecord.Type.DRILL,
                manifest,
                clock.instant(),
                result.engine(),
                result.elapsed()));
    return result;
  }
}
