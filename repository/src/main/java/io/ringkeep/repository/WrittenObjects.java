package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.repository.manifest.Ledger;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/// What one backup or compaction has written of a cache, until a ledger record makes it count.
///
/// Objects are announced before they are begun, so that they can be deleted if nothing comes of
/// them. Safe for several threads as far as [#announce] goes.
final class WrittenObjects {
  private final Repository repository;
  private final String cache;
  private final Lease lease;
  private final Ledger ledger;
  private final Queue<String> announced = new ConcurrentLinkedQueue<>();
  // False as soon as the ledger counts on what was written, or may.
  private boolean unwanted = true;

  WrittenObjects(Repository repository, String cache, Lease lease, Ledger ledger) {
    this.repository = repository;
    this.cache = cache;
    this.lease = lease;
    this.ledger = ledger;
  }

  /// Takes note of an object that is about to be written.
  void announce(String name) {
    lease.check();
    announced.add(name);
  }

  /// Writes a manifest, then the ledger record that gives it to its snapshot.
  ///
  /// @param name of the manifest
  /// @param decision to append
  /// @throws Locked if someone took over; nothing was committed
  /// @throws IOException if the store failed; nothing was committed, unless the store cannot even
  ///   tell
  SnapshotReference commit(
      Manifest manifest, String name, Function<SnapshotReference, Decision> decision)
      throws IOException {
    lease.confirm();
    announce(name);
    StoredObject stored =
        repository.objects().write(name, ObjectKind.MANIFEST, Json.write(manifest));
    SnapshotReference reference = new SnapshotReference(manifest.id(), manifest.time(), stored);
    append(reference, decision.apply(reference));
    return reference;
  }

  private void append(SnapshotReference reference, Decision decision) throws IOException {
    lease.confirm();
    boolean before = unwanted;
    unwanted = false;
    Instant now = repository.clock().instant();
    try {
      ledger.append(lease.epoch(), now, decision);
    } catch (IOException e) {
      // The record is there or it is not; only the store knows. If it cannot say, nothing is
      // deleted.
      if (!committed(reference, decision, now, e)) {
        unwanted = before;
        throw e;
      }
    } catch (Locked e) {
      // Another record stands where ours would.
      unwanted = before;
      throw e;
    }
  }

  private boolean committed(
      SnapshotReference reference, Decision decision, Instant at, IOException failure)
      throws IOException {
    try {
      if (!repository.snapshots(cache).references().contains(reference)) {
        return false;
      }
      // On many nodes it may lack copies: appending the same record once more makes them.
      ledger.append(lease.epoch(), at, decision);
      return true;
    } catch (IOException | CorruptData e) {
      failure.addSuppressed(e);
      throw failure;
    }
  }

  /// True as long as nothing was committed, nor may have been.
  boolean unwanted() {
    return unwanted;
  }

  /// Deletes what was announced and is not needed after all, as far as the store allows.
  void deleteAllBut(Set<String> needed) {
    announced.removeIf(needed::contains);
    delete();
  }

  /// Deletes everything if nothing was committed, as far as the store allows.
  void close() {
    if (unwanted) {
      delete();
    }
  }

  private void delete() {
    for (String name : announced) {
      try {
        repository.store().delete(name);
      } catch (IOException e) {
        // Best effort: it is an orphan now, which the next backup deletes.
        return;
      }
    }
  }
}
