package io.ringkeep.backup;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotBase;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.manifest.Collapse;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/// The decision what a backup is compared with: the snapshot that `latest` stands for, or nothing.
///
/// A snapshot whose keys had collapsed is passed over: compared with it, all that came back would
/// be stored once more. One that is damaged makes the backup a full one; a backup does not fail
/// since an old one is of no use.
///
/// @param previous manifest of the snapshot that `latest` stands for
/// @param base the same, opened, if changes are to be stored
/// @param warning why everything is stored although changes were wanted
record BaseChoice(
    Optional<Manifest> previous, Optional<SnapshotBase> base, Optional<String> warning)
    implements AutoCloseable {
  /// Fewer keys than this come and go as they please.
  private static final long COLLAPSE_LEAST_RECORDS = 1000;

  /// Less than one in so many of the keys before is a collapse.
  private static final long COLLAPSE_SHARE = 2;

  static BaseChoice of(
      BackupRequest request, Repository repository, KnownFolder folder, Progress progress)
      throws IOException {
    Optional<Manifest> previous;
    try {
      previous = repository.snapshots(request.cache()).latest();
    } catch (BackupException.CorruptData | BackupException.UnsupportedFormat e) {
      return new BaseChoice(Optional.empty(), Optional.empty(), Optional.of(full(e)));
    }
    if (request.incremental().full() || previous.isEmpty()) {
      return new BaseChoice(previous, Optional.empty(), Optional.empty());
    }
    Manifest snapshot = previous.get();
    RecordFingerprinter fingerprinter = new RecordFingerprinter(repository.hashKey());
    try (Progress.Task task =
        progress.begin("snapshot " + snapshot.id(), OptionalLong.of(snapshot.bytes()))) {
      task.phase("comparing with it");
      SnapshotBase base =
          SnapshotBase.open(
              repository,
              snapshot,
              folder,
              record -> {
                task.advance(record.key().remaining() + record.value().remaining(), 1);
                return fingerprinter.fingerprint(record);
              });
      if (base.rebuilt()) {
        progress.note(
            "read all of snapshot %s, which this machine did not know".formatted(snapshot.id()));
      }
      return new BaseChoice(previous, Optional.of(base), Optional.empty());
    } catch (BackupException.CorruptData | BackupException.UnsupportedFormat e) {
      return new BaseChoice(
          previous,
          Optional.empty(),
          Optional.of(damaged(snapshot, String.valueOf(e.getMessage()))));
    } catch (KnownFolder.Unusable e) {
      return new BaseChoice(previous, Optional.empty(), Optional.of(full(e)));
    }
  }

  private static String full(Exception e) {
    return "everything is stored, not the changes alone: " + e.getMessage();
  }

  /// What to say of a snapshot that is of no use.
  static String damaged(Manifest snapshot, String reason) {
    return "snapshot %s is damaged, so everything is stored: %s".formatted(snapshot.id(), reason);
  }

  /// The mark of a snapshot that has far fewer records than the one before.
  Optional<Collapse> collapse(long records) {
    return previous
        .filter(before -> before.records() >= COLLAPSE_LEAST_RECORDS)
        .filter(before -> records * COLLAPSE_SHARE < before.records())
        .map(before -> new Collapse(before.id(), before.records()));
  }

  @Override
  public void close() {
    base.ifPresent(SnapshotBase::close);
  }
}
