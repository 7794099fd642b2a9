package io.ringkeep.verify;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.Verification;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.LogVerification;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofRecord;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// Reads all that snapshots need, compares every checksum, and fingerprints every record again.
public final class Verify {
  private Verify() {}

  /// Verifies one cache or all of them, one snapshot or all of them, and writes down which were
  /// whole.
  ///
  /// Damage is in the result, not thrown.
  ///
  /// @throws BackupException.NotFound if there is no such snapshot
  public static VerifyResult run(
      Repository repository,
      Optional<String> cache,
      Optional<String> snapshot,
      Clock clock,
      Progress progress)
      throws IOException {
    long startNanos = System.nanoTime();
    List<Verification.Finding> findings = new ArrayList<>();
    List<String> snapshots = new ArrayList<>();
    List<String> orphans = new ArrayList<>();
    long records = 0;
    long bytes = 0;
    try (Lease lease = repository.leases().acquireRead("verify")) {
      findings.addAll(Verification.ofRepository(repository));
      for (String name : caches(repository, cache, snapshot)) {
        lease.check();
        Verification.Report report = verify(repository, name, snapshot, clock, progress);
        report.snapshots().forEach(manifest -> snapshots.add(manifest.id()));
        report.orphans().stream().map(ObjectInfo::key).forEach(orphans::add);
        findings.addAll(report.findings());
        records += report.records();
        bytes += report.storedBytes();
        if (snapshot.isEmpty()) {
          bytes += verifyLogs(repository, name, findings);
        }
      }
    }
    return new VerifyResult(
        List.copyOf(snapshots),
        records,
        bytes,
        List.copyOf(findings),
        List.copyOf(orphans),
        Duration.ofNanos(System.nanoTime() - startNanos));
  }

  /// Those that have the snapshot, or all. An id is that of one cache, and others may be asked for
  /// it in vain.
  private static List<String> caches(
      Repository repository, Optional<String> cache, Optional<String> snapshot) throws IOException {
    List<String> all = cache.map(List::of).orElse(repository.caches());
    if (snapshot.isEmpty() || all.size() == 1) {
      return all;
    }
    List<String> having = new ArrayList<>();
    for (String name : all) {
      try {
        repository.snapshots(name).resolve(snapshot.get());
        having.add(name);
      } catch (BackupException.NotFound e) {
        // Another one may have it.
      }
    }
    if (having.isEmpty()) {
      throw new BackupException.NotFound(
          "no cache has this snapshot: snapshot=%s caches=%s".formatted(snapshot.get(), all),
          "'list' shows those that there are");
    }
    return having;
  }

  /// @return bytes read
  private static long verifyLogs(
      Repository repository, String cache, List<Verification.Finding> findings) throws IOException {
    long bytes = 0;
    for (String shard : ShardLog.shards(repository.store(), cache)) {
      LogVerification report = repository.log(cache, shard).verify();
      bytes += report.storedBytes();
      for (LogVerification.Damage damage : report.damages()) {
        findings.add(
            new Verification.Finding(
                damage.object(), damage.reason(), List.of(), List.of(), /* records= */ 0));
      }
    }
    return bytes;
  }

  private static Verification.Report verify(
      Repository repository,
      String cache,
      Optional<String> snapshot,
      Clock clock,
      Progress progress)
      throws IOException {
    Predicate<SnapshotReference> which = reference -> true;
    if (snapshot.isPresent()) {
      String id = repository.snapshots(cache).resolve(snapshot.get()).id();
      which = reference -> reference.id().equals(id);
    }
    long startNanos = System.nanoTime();
    Verification.Report report;
    try (Progress.Task task = progress.begin("cache " + cache, OptionalLong.empty())) {
      task.phase("verifying");
      report =
          Verification.ofCache(
              repository,
              cache,
              which,
              () -> new RecordFingerprinter(repository.hashKey())::fingerprint,
              task::advance);
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
    for (Manifest manifest : report.snapshots()) {
      boolean whole =
          report.findings().stream()
              .noneMatch(finding -> finding.snapshots().contains(manifest.id()));
      if (whole) {
        repository
            .proofs(cache)
            .add(ProofRecord.of(ProofRecord.Type.VERIFY, manifest, clock.instant(), "", elapsed));
      }
    }
    return report;
  }
}
