package io.ringkeep.repository.manifest;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.RecentObjects;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// The snapshots of one cache: those that its ledger has committed and not forgotten, and no
/// others.
///
/// Safe for any number of threads.
public final class SnapshotCatalog {
  /// What stands for the snapshot that was committed last, passing over those whose keys had
  /// collapsed.
  public static final String LATEST = "latest";

  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int MOST_SHOWN = 8;

  private final ObjectStore store;
  private final SealedObjects objects;
  private final RecentObjects<Manifest> manifests;
  private final String cache;

  /// The snapshots of `cache`.
  ///
  /// @param manifests that were read before, of this repository
  public SnapshotCatalog(
      ObjectStore store, SealedObjects objects, RecentObjects<Manifest> manifests, String cache) {
    this.store = store;
    this.objects = objects;
    this.manifests = manifests;
    this.cache = cache;
  }

  /// Directory of a cache's manifests.
  public static String directory(String cache) {
    return "caches/" + cache + "/manifest/";
  }

  /// Name of a manifest.
  public static String name(String cache, Instant time, String id) {
    return directory(cache) + NAME_TIME.format(time) + "-" + id + ".json";
  }

  /// Name of a manifest that takes an earlier one's place.
  ///
  /// @param compaction id of what writes it, since names are never used again
  public static String name(String cache, Instant time, String id, String compaction) {
    return directory(cache) + NAME_TIME.format(time) + "-" + id + "-" + compaction + ".json";
  }

  /// All committed snapshots, oldest first; empty if the cache is not known.
  ///
  /// @throws CorruptData if the ledger is damaged
  public List<SnapshotReference> references() throws IOException {
    return state().references();
  }

  /// What the ledger says: which snapshots exist, which are pinned, and which are no more.
  ///
  /// @throws CorruptData if the ledger is damaged
  public LedgerState state() throws IOException {
    return LedgerState.of(new Ledger(store, objects, cache).read());
  }

  /// Manifests of all committed snapshots, oldest first.
  ///
  /// @throws CorruptData if the ledger or one of them is damaged
  public List<Manifest> all() throws IOException {
    List<Manifest> manifests = new ArrayList<>();
    for (SnapshotReference reference : references()) {
      manifests.add(read(reference));
    }
    return manifests;
  }

  /// The snapshot that someone means.
  ///
  /// @param asked `latest`, an id, or the beginning of just one id
  /// @throws NotFound naming what there is
  /// @throws InvalidRequest if several ids begin so
  public Manifest resolve(String asked) throws IOException {
    return read(resolveReference(asked));
  }

  /// The same, as the ledger knows it: also of a snapshot whose manifest can't be read.
  public SnapshotReference resolveReference(String asked) throws IOException {
    List<SnapshotReference> there = references();
    if (there.isEmpty()) {
      throw new NotFound(
          "cache has no snapshots: cache=" + cache,
          "'ringkeep list' shows what there is, --cache names another one");
    }
    if (asked.equals(LATEST)) {
      return latest(there);
    }
    List<SnapshotReference> meant =
        there.stream()
            .filter(snapshot -> !asked.isEmpty() && snapshot.id().startsWith(asked))
            .toList();
    if (meant.isEmpty()) {
      throw new NotFound(
          "no such snapshot: cache=%s snapshot=%s".formatted(cache, asked),
          "there are: " + describe(there));
    }
    if (meant.size() > 1) {
      throw new InvalidRequest(
          "several snapshots begin so: cache=%s snapshot=%s".formatted(cache, asked),
          "name one of: " + describe(meant));
    }
    return meant.getFirst();
  }

  /// Goes on if a snapshot still is what it was when its manifest was read. Whoever chose it before
  /// taking a read lease asks this afterwards: from then on nothing of it is deleted.
  ///
  /// @throws NotFound if it was forgotten or compacted meanwhile
  public void requireUnchanged(Manifest manifest) throws IOException {
    for (SnapshotReference reference : references()) {
      if (reference.id().equals(manifest.id()) && read(reference).runs().equals(manifest.runs())) {
        return;
      }
    }
    throw new NotFound(
        "the snapshot was forgotten or compacted since it was chosen: cache=%s snapshot=%s"
            .formatted(cache, manifest.id()),
        "run it again: 'list' shows what there is");
  }

  /// The snapshot that `latest` stands for: the newest whose keys had not collapsed. If all had,
  /// the newest.
  private SnapshotReference latest(List<SnapshotReference> there) throws IOException {
    for (SnapshotReference reference : there.reversed()) {
      if (read(reference).collapse().isEmpty()) {
        return reference;
      }
    }
    return there.getLast();
  }

  /// The snapshot that `latest` stands for; empty if there is none.
  public Optional<Manifest> latest() throws IOException {
    List<SnapshotReference> there = references();
    return there.isEmpty() ? Optional.empty() : Optional.of(read(latest(there)));
  }

  /// A snapshot's manifest.
  ///
  /// @throws CorruptData if it is missing or not the one that was committed
  public Manifest read(SnapshotReference reference) throws IOException {
    return manifests.get(reference.manifest(), () -> readStored(reference));
  }

  /// The same as it is stored now, however often it was read before: for whoever proves that it is
  /// whole, and whoever deletes what none names.
  ///
  /// @throws CorruptData if it is missing or not the one that was committed
  public Manifest readStored(SnapshotReference reference) throws IOException {
    String name = reference.manifest().name();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    StoredObject stored =
        objects.open(name, ObjectKind.MANIFEST).readAll(part -> json.writeBytes(bytes(part)));
    if (!stored.equals(reference.manifest())) {
      throw new CorruptData(
          "manifest is not the one that was committed: object=%s expected=%s actual=%s"
              .formatted(name, reference.manifest().sha256(), stored.sha256()),
          "run 'verify' to learn what is affected, and use another copy",
          null);
    }
    return Json.read(
        name,
        ByteBuffer.wrap(json.toByteArray()),
        Manifest.FORMAT,
        Manifest.class,
        Manifest::upgrade);
  }

  private static String describe(List<SnapshotReference> snapshots) {
    String newestFirst =
        snapshots.reversed().stream()
            .limit(MOST_SHOWN)
            .map(snapshot -> snapshot.id() + " (" + snapshot.time() + ")")
            .collect(Collectors.joining(", "));
    int left = snapshots.size() - MOST_SHOWN;
    return left > 0 ? newestFirst + " and %d older ones".formatted(left) : newestFirst;
  }

  private static byte[] bytes(ByteBuffer part) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    return bytes;
  }
}
