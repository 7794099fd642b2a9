package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.manifest.LedgerState;
import io.ringkeep.repository.manifest.LedgerState.Retired;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofLog;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a cache's folder holds that no snapshot needs, sorted by when it may be deleted.
///
/// Found by marking what snapshots name, and sweeping what is listed. Memory: 16 bytes for each
/// object that is named, and the listing.
///
/// @param abandoned belongs to no manifest that is there: left by a backup, a compaction or a prune
///   that died, and proofs of snapshots that are gone. Nobody can read it
/// @param manifests retired long enough; they go before what only they need
/// @param retired what only these need. Someone who began to read before may still do so
/// @param freed the snapshots behind these manifests, oldest decision first
/// @param waiting retired, but not for long enough
public record Garbage(
    List<ObjectInfo> abandoned,
    List<ObjectInfo> manifests,
    List<ObjectInfo> retired,
    List<Freed> freed,
    List<Freed> waiting) {

  /// A manifest that is no snapshot's any more.
  ///
  /// @param manifest what it was, and since when it is not
  /// @param due when its grace period ends
  /// @param bytes what only it and others like it need, counted once
  public record Freed(Retired manifest, Instant due, long bytes) {}

  public Garbage {
    abandoned = List.copyOf(abandoned);
    manifests = List.copyOf(manifests);
    retired = List.copyOf(retired);
    freed = List.copyOf(freed);
    waiting = List.copyOf(waiting);
  }

  /// Finds it. The caller holds the cache's lease and has appended a fence, so that nobody commits
  /// what names any of it.
  ///
  /// @param grace how long a manifest must have been retired; with none, whatever the clock says
  /// @throws CorruptData if the ledger is damaged, or a manifest that is a snapshot's or was one a
  ///   short time ago: then nothing may be deleted
  public static Garbage find(Repository repository, String cache, Instant now, Duration grace)
      throws IOException {
    return new Search(repository, cache, now, grace).run();
  }

  /// Bytes of the objects of a list.
  public static long bytes(List<ObjectInfo> objects) {
    return objects.stream().mapToLong(ObjectInfo::sizeBytes).sum();
  }

  private static final class Search {
    private final Repository repository;
    private final String cache;
    private final Instant now;
    private final Duration grace;
    private final SnapshotCatalog catalog;
    private final NameSet needed;
    private final NameSet readLately;
    private final List<Freed> freed = new ArrayList<>();
    private final List<Freed> waiting = new ArrayList<>();
    // A manifest that may be deleted can't be read: what it names is anybody's guess.
    private boolean unsure;

    Search(Repository repository, String cache, Instant now, Duration grace) {
      this.repository = repository;
      this.cache = cache;
      this.now = now;
      this.grace = grace;
      catalog = repository.snapshots(cache);
      needed = new NameSet(repository.hashKey());
      readLately = new NameSet(repository.hashKey());
    }

    Garbage run() throws IOException {
      List<ObjectInfo> listed = SnapshotObjects.listed(repository, cache);
      LedgerState state = catalog.state();
      Set<String> ids = new HashSet<>();
      for (SnapshotReference reference : state.references()) {
        SnapshotObjects.mark(catalog, reference, needed);
        ids.add(reference.id());
      }
      Set<String> there = new HashSet<>();
      String manifestDirectory = SnapshotCatalog.directory(cache);
      for (ObjectInfo object : listed) {
        if (object.key().startsWith(manifestDirectory)) {
          there.add(object.key());
        }
      }
      List<Retired> due = new ArrayList<>();
      for (Retired retired : state.retired()) {
        if (there.contains(retired.reference().manifest().name())) {
          if (isDue(retired)) {
            due.add(retired);
          } else {
            waitFor(retired);
            ids.add(retired.reference().id());
          }
        }
      }
      for (Retired retired : due) {
        free(retired);
      }
      return sweep(listed, manifestDirectory, ids);
    }

    private boolean isDue(Retired retired) {
      // A clock that jumped back makes it wait longer, never shorter.
      return grace.isZero() || !now.isBefore(retired.since().plus(grace));
    }

    private void waitFor(Retired retired) throws IOException {
      long bytes = mark(retired.reference(), needed);
      waiting.add(new Freed(retired, retired.since().plus(grace), bytes));
    }

    private void free(Retired retired) throws IOException {
      long bytes = 0;
      try {
        bytes = mark(retired.reference(), readLately);
      } catch (CorruptData | UnsupportedFormat e) {
        readLately.add(retired.reference().manifest().name());
        unsure = true;
      }
      freed.add(new Freed(retired, retired.since().plus(grace), bytes));
    }

    /// Marks a retired manifest and what it names; returns the bytes of what was not marked before.
    private long mark(SnapshotReference reference, NameSet names) throws IOException {
      Manifest manifest = catalog.readStored(reference);
      long bytes = mark(reference.manifest(), names);
      for (RunDescriptor run : manifest.runs()) {
        for (StoredObject object : run.objects()) {
          bytes += mark(object, names);
        }
        bytes += mark(run.index(), names);
      }
      return bytes;
    }

    private long mark(StoredObject object, NameSet names) {
      if (needed.contains(object.name()) || readLately.contains(object.name())) {
        return 0;
      }
      names.add(object.name());
      return object.storedBytes();
    }

    private Garbage sweep(List<ObjectInfo> listed, String manifestDirectory, Set<String> ids)
        throws IOException {
      List<ObjectInfo> abandoned = new ArrayList<>();
      List<ObjectInfo> manifests = new ArrayList<>();
      List<ObjectInfo> retired = new ArrayList<>();
      for (ObjectInfo object : listed) {
        if (needed.contains(object.key())) {
          continue;
        }
        if (!readLately.contains(object.key()) && !unsure) {
          abandoned.add(object);
        } else if (object.key().startsWith(manifestDirectory)) {
          manifests.add(object);
        } else {
          retired.add(object);
        }
      }
      for (ObjectInfo proof : repository.store().list(ProofLog.directory(cache))) {
        if (!ids.contains(ProofLog.snapshot(proof.key()))) {
          abandoned.add(proof);
        }
      }
      return new Garbage(abandoned, manifests, retired, freed, waiting);
    }
  }
}
