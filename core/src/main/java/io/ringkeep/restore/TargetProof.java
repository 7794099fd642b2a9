package io.ringkeep.restore;

import io.ringkeep.capture.FullRead;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Position;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.SlotSums;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Reads a target back and compares it with what was backed up.
final class TargetProof {
  private TargetProof() {}

  /// Adds all records of a server to `held`.
  ///
  /// @param left told what could not be put back
  /// @param sighted what is seen of them; all if empty
  static void read(
      Endpoint target,
      ConnectionOptions options,
      HashKey hashKey,
      Deadline deadline,
      Clock clock,
      Progress progress,
      Consumer<String> left,
      Optional<Sighted> sighted,
      SlotDigests held)
      throws IOException {
    try (Progress.Task task = progress.begin("reading back " + target, OptionalLong.empty());
        ServerConnection server = ServerConnection.open(target, options);
        TargetSettings _ =
            TargetSettings.set(
                server,
                "repl-diskless-sync-delay",
                "0",
                "the target waits some seconds before it is read back",
                progress,
                left)) {
      read(target, options, hashKey, deadline, clock, task, sighted, held);
    }
  }

  private static void read(
      Endpoint target,
      ConnectionOptions options,
      HashKey hashKey,
      Deadline deadline,
      Clock clock,
      Progress.Task task,
      Optional<Sighted> sighted,
      SlotDigests held)
      throws IOException {
    SlotSums sums = new SlotSums();
    FullRead.run(
        target,
        options,
        hashKey,
        RateLimit.of(OptionalLong.empty()),
        deadline,
        clock,
        task,
        (position, fingerprint, record) -> {
          if (sighted.isPresent()) {
            sighted.get().add(position, fingerprint, record, held);
          } else {
            sums.add(Position.slot(position), fingerprint);
          }
        });
    sums.addTo(held);
  }

  /// Where the target can't be read: compares at least what was sent with what was backed up.
  ///
  /// @throws BackupException.CorruptData if it is not the same
  static void checkSnapshotInstead(
      Repository repository,
      Manifest manifest,
      List<SlotRange> slots,
      Clock clock,
      Progress progress)
      throws IOException {
    try (Progress.Task task =
        progress.begin("snapshot " + manifest.id(), OptionalLong.of(manifest.bytes()))) {
      task.phase("comparing what was sent with what was backed up");
      SnapshotFeed.check(repository, manifest, slots, clock, task);
    }
  }

  /// @throws BackupException.CorruptData if the target does not hold exactly what was backed up
  static void requireEqual(Manifest manifest, SlotDigests stored, SlotDigests held) {
    List<SlotRange> differing = stored.differing(held);
    if (!differing.isEmpty()) {
      throw new BackupException.CorruptData(
          "the target does not hold what was backed up: snapshot=%s slots=%s records=%d heldRecords=%d"
              .formatted(
                  manifest.id(), differing, stored.total().records(), held.total().records()),
          "stop clients that write to the target, and restore again with --existing replace",
          null);
    }
  }
}
