package io.ringkeep.status;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofLog;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads the state of caches from a repository.
public final class Status {
  private Status() {}

  /// One entry for each cache that was ever backed up.
  ///
  /// With `maxAge`, a cache whose newest snapshot is older or was never verified or restored is
  /// unhealthy. A cache whose log does not grow as its server writes is unhealthy always.
  public static List<CacheStatus> of(Repository repository, Optional<Duration> maxAge, Clock clock)
      throws IOException {
    List<CacheStatus> caches = new ArrayList<>();
    for (String cache : repository.caches()) {
      caches.add(withLogs(of(repository, cache, maxAge, clock.instant()), repository, clock));
    }
    return caches;
  }

  /// Names of all data objects that snapshots need, of all caches.
  public static Set<String> needed(Repository repository) throws IOException {
    Set<String> needed = new HashSet<>();
    for (String cache : repository.caches()) {
      SnapshotCatalog catalog = repository.snapshots(cache);
      for (SnapshotReference reference : catalog.references()) {
        for (RunDescriptor run : catalog.read(reference).runs()) {
          run.objects().forEach(object -> needed.add(object.name()));
        }
      }
    }
    return needed;
  }

  private static CacheStatus withLogs(CacheStatus status, Repository repository, Clock clock)
      throws IOException {
    List<LogStatus> logs = new ArrayList<>();
    List<String> findings = new ArrayList<>(status.findings());
    CacheHistory all = CacheHistory.of(repository, status.cache());
    for (ShardHistory history : all.shards()) {
      LogStatus log = LogStatus.of(history, all.duty(history.log().shard()), clock.instant());
      logs.add(log);
      log.findings().forEach(finding -> findings.add("shard " + log.shard() + ": " + finding));
    }
    return new CacheStatus(
        status.cache(),
        status.snapshots(),
        status.newest(),
        status.age(),
        status.verified(),
        status.drilled(),
        status.healthy() && logs.stream().allMatch(LogStatus::healthy),
        List.copyOf(findings),
        logs,
        all.shards().size() > 1 ? all.spans() : List.of());
  }

  private static CacheStatus of(
      Repository repository, String cache, Optional<Duration> maxAge, Instant now)
      throws IOException {
    SnapshotCatalog catalog = repository.snapshots(cache);
    List<SnapshotReference> references = catalog.references();
    if (references.isEmpty()) {
      return new CacheStatus(
          cache,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          maxAge.isEmpty(),
          List.of("there is no snapshot"),
          List.of(),
          List.of());
    }
    Manifest last = catalog.read(references.getLast());
    Manifest newest = catalog.latest().orElse(last);
    Optional<String> newestIfCollapsed =
        last.collapse()
            .map(collapse ->
                "the newest snapshot has far fewer records than the one before: snapshot=%s records=%d before=%d"
                    .formatted(last.id(), last.records(), collapse.recordsBefore()));
    ProofLog proofs = repository.proofs(cache);
    Optional<Instant> verified = proofs.verified(newest);
    Optional<Instant> drilled = proofs.drilled(newest);
    Duration age = Duration.between(newest.dataTime(), now);
    List<String> findings = new ArrayList<>();
    newestIfCollapsed.ifPresent(findings::add);
    if (maxAge.isPresent()) {
      if (age.compareTo(maxAge.get()) > 0) {
        findings.add(
            "the newest snapshot is too old: ageSeconds=%d maxAgeSeconds=%d"
                .formatted(age.toSeconds(), maxAge.get().toSeconds()));
      }
      if (verified.isEmpty() && drilled.isEmpty()) {
        findings.add(
            "the newest snapshot was neither verified nor drilled: snapshot=" + newest.id());
      }
    }
    return new CacheStatus(
        cache,
        references.size(),
        Optional.of(newest),
        Optional.of(age),
        verified,
        drilled,
        findings.isEmpty(),
        List.copyOf(findings),
        List.of(),
        List.of());
  }
}
