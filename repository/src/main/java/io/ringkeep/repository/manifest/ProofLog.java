package io.ringkeep.repository.manifest;

import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/// The proofs of one cache's snapshots: small objects beside the ledger, written under no lease.
///
/// They decide nothing. Losing one means that a snapshot counts as unproven until the next.
public final class ProofLog {
  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final ObjectStore store;
  private final SealedObjects objects;
  private final String cache;

  /// The proofs of `cache`.
  public ProofLog(ObjectStore store, SealedObjects objects, String cache) {
    this.store = store;
    this.objects = objects;
    this.cache = cache;
  }

  /// Directory of a cache's proofs.
  public static String directory(String cache) {
    return "caches/" + cache + "/proof/";
  }

  /// Writes a proof down.
  public void add(ProofRecord proof) throws IOException {
    String name =
        "%s%s-%s-%s.json"
            .formatted(
                directory(cache),
                NAME_TIME.format(proof.time()),
                proof.snapshot(),
                UUID.randomUUID().toString().substring(0, 8));
    objects.write(name, ObjectKind.PROOF, Json.write(proof));
  }

  /// The snapshot that a proof of this name is of; empty if it is no name of a proof.
  public static String snapshot(String name) {
    String[] parts = name.substring(name.lastIndexOf('/') + 1).split("-", -1);
    return parts.length == 3 ? parts[1] : "";
  }

  /// All proofs, oldest first.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if one is damaged
  public List<ProofRecord> all() throws IOException {
    List<ProofRecord> proofs = new ArrayList<>();
    for (ObjectInfo object : store.list(directory(cache))) {
      proofs.add(
          Json.read(
              object.key(),
              objects.read(object.key(), ObjectKind.PROOF),
              ProofRecord.FORMAT,
              ProofRecord.class,
              ProofRecord::upgrade));
    }
    return proofs;
  }

  /// When a snapshot was last verified.
  public Optional<Instant> verified(Manifest snapshot) throws IOException {
    return last(
        proof -> proof.type() == ProofRecord.Type.VERIFY && proof.snapshot().equals(snapshot.id()));
  }

  /// When a real server last held what is in a snapshot: it was restored, or is of a moment that
  /// was.
  public Optional<Instant> drilled(Manifest snapshot) throws IOException {
    return last(proof ->
        switch (proof.type()) {
          case VERIFY -> false;
          case DRILL -> proof.snapshot().equals(snapshot.id());
          case MOMENT -> proof.digest().equals(snapshot.digest());
        });
  }

  private Optional<Instant> last(Predicate<ProofRecord> which) throws IOException {
    return all().stream()
        .filter(which)
        .map(ProofRecord::time)
        .reduce((earlier, later) -> later.isAfter(earlier) ? later : earlier);
  }
}
