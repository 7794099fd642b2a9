package io.ringkeep.retention;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotSpace;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.repository.manifest.LedgerState;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofRecord;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Takes snapshots out of the ledger, and has the log begin where it can be restored from. Nothing
/// is deleted by that: [Prune] does it later.
public final class Forget {
  private Forget() {}

  /// Decides what would go; changes nothing.
  ///
  /// @throws BackupException.NotFound if a snapshot that is named does not exist
  /// @throws InvalidRequest if one that is named is pinned, no good one would be left, or the log
  ///   would have no base
  /// @throws CorruptData if the ledger is damaged
  public static ForgetPlan plan(ForgetRequest request, Repository repository, Clock clock)
      throws IOException {
    SnapshotCatalog catalog = repository.snapshots(request.cache());
    Map<String, Manifest> manifests = new LinkedHashMap<>();
    List<Candidate> candidates = new ArrayList<>();
    for (LedgerState.Snapshot snapshot : catalog.state().snapshots()) {
      Candidate.State state = Candidate.State.GOOD;
      try {
        Manifest manifest = catalog.read(snapshot.reference());
        manifests.put(manifest.id(), manifest);
        if (manifest.collapse().isPresent()) {
          state = Candidate.State.COLLAPSED;
        }
      } catch (CorruptData | UnsupportedFormat e) {
        state = Candidate.State.DAMAGED;
      }
      candidates.add(
          new Candidate(
              snapshot.reference().id(), snapshot.reference().time(), snapshot.pin(), state));
    }
    CacheHistory history =
        CacheHistory.of(repository, request.cache(), List.copyOf(manifests.values()));
    LogRetention retention =
        LogRetention.of(
            history,
            manifests.values().stream().map(Manifest::time).toList(),
            request.policy().flatMap(RetentionPolicy::window));
    List<Verdict> verdicts;
    if (request.policy().isPresent()) {
      verdicts =
          retention.keepingWhatTheLogNeeds(
              request.policy().get().decide(candidates, clock.instant()));
    } else {
      verdicts = named(request, catalog, candidates);
      if (!request.allowNone()) {
        retention.requireABaseOfEach(request.cache(), verdicts);
      }
    }
    Set<String> gone =
        verdicts.stream()
            .filter(verdict -> !verdict.kept())
            .map(verdict -> verdict.snapshot().id())
            .collect(Collectors.toSet());
    List<String> warnings = new ArrayList<>(retention.warnings());
    warnings.addAll(warnings(request, repository, verdicts));
    return new ForgetPlan(
        request,
        verdicts,
        SnapshotSpace.of(manifests.values()).onlyNeededBy(gone),
        retention.trims(history, verdicts, clock.instant()),
        warnings);
  }

  private static List<Verdict> named(
      ForgetRequest request, SnapshotCatalog catalog, List<Candidate> candidates)
      throws IOException {
    Set<String> named = new HashSet<>();
    for (String asked : request.snapshots()) {
      named.add(catalog.resolveReference(asked).id());
    }
    List<Verdict> verdicts = new ArrayList<>();
    boolean goodOneLeft = false;
    for (Candidate candidate : candidates) {
      boolean goes = named.contains(candidate.id());
      if (goes && candidate.pin().isPresent()) {
        throw new InvalidRequest(
            "the snapshot is pinned: cache=%s snapshot=%s note=%s"
                .formatted(request.cache(), candidate.id(), candidate.pin().get()),
            "release it first: 'ringkeep keep --remove %s'".formatted(candidate.id()));
      }
      goodOneLeft |= !goes && candidate.state() == Candidate.State.GOOD;
      verdicts.add(new Verdict(candidate, !goes, List.of(goes ? "named" : "not named")));
    }
    if (!goodOneLeft && !request.allowNone()) {
      throw new InvalidRequest(
          "no good snapshot would be left: cache=" + request.cache(),
          "add --allow-none if that is meant");
    }
    return verdicts;
  }

  private static List<String> warnings(
      ForgetRequest request, Repository repository, List<Verdict> verdicts) throws IOException {
    Set<String> verified = new HashSet<>();
    List<String> warnings = new ArrayList<>();
    try {
      repository.proofs(request.cache()).all().stream()
          .map(ProofRecord::snapshot)
          .forEach(verified::add);
    } catch (CorruptData e) {
      warnings.add("which snapshots were verified is not known: " + e.getMessage());
    }
    for (Verdict verdict : verdicts.reversed()) {
      if (verified.contains(verdict.snapshot().id())) {
        if (!verdict.kept()) {
          warnings.add(
              "%s is the newest verified snapshot, and goes: none of those that stay was ever verified"
                  .formatted(verdict.snapshot().id()));
        }
        break;
      }
    }
    return warnings;
  }

  /// Forgets what a plan says, if it would still say so.
  ///
  /// @return ids of the snapshots that exist no more
  /// @throws Locked if someone else works on the cache, or the plan would be another one by now
  public static List<String> run(ForgetPlan plan, Repository repository, Clock clock)
      throws IOException {
    ForgetRequest request = plan.request();
    List<String> forgotten = plan.forgotten();
    if (forgotten.isEmpty() && plan.log().isEmpty()) {
      return List.of();
    }
    try (Lease lease = repository.leases().acquire("cache-" + request.cache(), "forget")) {
      ForgetPlan now = plan(request, repository, clock);
      if (!now.forgotten().equals(forgotten)) {
        throw new Locked(
            "the snapshots have changed since this was planned: cache=%s planned=%s now=%s"
                .formatted(request.cache(), forgotten, now.forgotten()),
            "nothing was forgotten; run it again");
      }
      lease.confirm();
      if (!forgotten.isEmpty()) {
        repository
            .ledger(request.cache())
            .append(lease.epoch(), clock.instant(), new Decision.Forget(forgotten));
      }
      // Killed before this, the log begins with bytes that nobody can restore, until the next time.
      for (ForgetPlan.Log log : now.log()) {
        log.log().forget(log.trim().start());
      }
    }
    return forgotten;
  }
}
