package io.ringkeep.retention;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.manifest.Manifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Which snapshots the logs of a cache stand on. A stretch of log without one can't be restored, so
/// the last base of each stretch stays.
///
/// @param stretches that have bases
record LogBases(List<Based> stretches) {

  /// @param shard whose log it is
  /// @param snapshots ids of those that it can be replayed onto
  private record Based(String shard, Stretch stretch, Set<String> snapshots) {
    String why() {
      return "the only base of the log of shard %s from offset %d to %d"
          .formatted(shard, stretch.start(), stretch.end());
    }
  }

  /// Looks into all logs of the cache.
  ///
  /// @param manifests of its snapshots
  static LogBases of(Repository repository, String cache, Collection<Manifest> manifests)
      throws IOException {
    List<Based> stretches = new ArrayList<>();
    for (String shard : ShardLog.shards(repository.store(), cache)) {
      for (Stretch stretch : repository.log(cache, shard).stretches()) {
        Set<String> snapshots =
            manifests.stream()
                .filter(manifest ->
                    manifest.shards().stream()
                        .anyMatch(part -> stretch.holds(part.replid(), part.offset())))
                .map(Manifest::id)
                .collect(Collectors.toSet());
        if (!snapshots.isEmpty()) {
          stretches.add(new Based(shard, stretch, snapshots));
        }
      }
    }
    return new LogBases(stretches);
  }

  /// The verdicts, but the newest base of each stretch stays that would lose all of them.
  List<Verdict> keepingOneOfEach(List<Verdict> verdicts) {
    List<Verdict> kept = new ArrayList<>(verdicts);
    for (Based based : stretches) {
      if (without(based, kept)) {
        for (int i = kept.size() - 1; i >= 0; i--) {
          Candidate snapshot = kept.get(i).snapshot();
          if (based.snapshots().contains(snapshot.id())) {
            kept.set(i, new Verdict(snapshot, /* kept= */ true, List.of(based.why())));
            break;
          }
        }
      }
    }
    return kept;
  }

  /// @throws InvalidRequest if these verdicts leave a stretch without a base
  void requireOneOfEach(String cache, List<Verdict> verdicts) {
    for (Based based : stretches) {
      if (without(based, verdicts)) {
        throw new InvalidRequest(
            "the log would have nothing to stand on: cache=%s snapshots=%s: %s"
                .formatted(cache, based.snapshots().stream().sorted().toList(), based.why()),
            "back up again first, so that the log has a newer base; or add --allow-none if that is"
                + " meant");
      }
    }
  }

  private static boolean without(Based based, List<Verdict> verdicts) {
    return verdicts.stream()
        .noneMatch(
            verdict -> verdict.kept() && based.snapshots().contains(verdict.snapshot().id()));
  }
}
