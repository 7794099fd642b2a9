package io.ringkeep.archive;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Makes large segments of small ones, so that a log of days can be listed. Runs on a thread of its
/// own.
final class Merger {
  private static final Duration EVERY = Duration.ofMinutes(1);

  private final Repository repository;
  private final ShardLog log;
  private final BooleanSupplier leads;
  private final Clock clock;
  private final Progress progress;

  /// @param leads whether the shard's lease is held now
  Merger(
      Repository repository, ShardLog log, BooleanSupplier leads, Clock clock, Progress progress) {
    this.repository = repository;
    this.log = log;
    this.leads = leads;
    this.clock = clock;
    this.progress = progress;
  }

  /// Merges every so often until it is told to stop.
  void run(Stopping stopping) {
    while (!stopping.requested()) {
      stopping.await(EVERY);
      try {
        while (!stopping.requested() && leads.getAsBoolean() && merge() > 0) {
          // One run of each stretch at a time.
        }
      } catch (IOException | BackupException e) {
        progress.note("segments could not be merged: " + e.getMessage());
      }
    }
  }

  private int merge() throws IOException {
    return log.merge(repository.leases().readers().isEmpty(), clock.instant());
  }
}
