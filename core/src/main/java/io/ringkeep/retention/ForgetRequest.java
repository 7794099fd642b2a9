package io.ringkeep.retention;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.util.List;
import java.util.Optional;

/// Which snapshots are to go.
///
/// @param cache name of the lineage
/// @param policy that decides; absent if snapshots are named
/// @param snapshots that are named: ids, or beginnings of them
/// @param allowNone whether no good snapshot needs to be left
public record ForgetRequest(
    String cache, Optional<RetentionPolicy> policy, List<String> snapshots, boolean allowNone) {
  public ForgetRequest {
    snapshots = List.copyOf(snapshots);
    if (policy.isPresent() == !snapshots.isEmpty()) {
      throw new InvalidRequest(
          "either rules say what is kept, or snapshots are named: both or neither were given",
          "say --keep-daily 7 or the like, or name snapshots as 'list' shows them");
    }
  }
}
