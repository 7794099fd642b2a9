package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.replication.BulkRestore;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.util.OptionalLong;

/// Loads a snapshot's records into one shard by `RESTORE`.
final class CommandLoader {
  private final Repository repository;
  private final Manifest manifest;
  private final ConnectionOptions options;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  CommandLoader(
      Repository repository,
      Manifest manifest,
      ConnectionOptions options,
      Deadline deadline,
      Clock clock,
      Progress progress) {
    this.repository = repository;
    this.manifest = manifest;
    this.options = options;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// Sends the records of the shard's slots to its primary, each replacing a key of the same name.
  ///
  /// Payloads are stamped with the oldest RDB version that knows their type, which the most servers
  /// take.
  SnapshotFeed.Fed load(Shard shard, SnapshotFeed.Check check) throws IOException {
    try (ServerConnection server = ServerConnection.open(shard.primary().endpoint(), options);
        BulkRestore restore =
            BulkRestore.open(shard.primary().endpoint(), options, BulkRestore.Options.DEFAULT);
        Progress.Task task =
            progress.begin(
                "target %s slots %s".formatted(shard.primary().endpoint(), shard.slots()),
                OptionalLong.empty())) {
      task.phase("sending");
      FollowerPace pace = new FollowerPace(server, deadline);
      long[] sinceLook = new long[2];
      SnapshotFeed.Fed fed =
          SnapshotFeed.feed(
              repository,
              manifest,
              shard.slots(),
              clock,
              check,
              record -> {
                restore.restore(
                    record,
                    DumpPayload.stampFor(record.version(), record.type()),
                    /* replace= */ true);
                sinceLook[0] += record.key().remaining() + record.value().remaining();
                sinceLook[1]++;
                if (sinceLook[0] >= FollowerPace.LOOK_EVERY_BYTES) {
                  await(pace);
                  task.advance(sinceLook[0], sinceLook[1]);
                  sinceLook[0] = 0;
                  sinceLook[1] = 0;
                }
              });
      restore.flush();
      if (restore.counts().refused() > 0) {
        throw new BackupException.TargetRefused(
            "records were refused: target=%s count=%d first=%s"
                .formatted(
                    shard.primary().endpoint(), restore.counts().refused(), restore.failures()),
            "the others are there; restore again when the reason is gone");
      }
      task.advance(sinceLook[0], sinceLook[1]);
      return fed;
    }
  }

  private void await(FollowerPace pace) throws InterruptedIOException {
    try {
      deadline.check();
      pace.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the target's replicas");
    }
  }
}
