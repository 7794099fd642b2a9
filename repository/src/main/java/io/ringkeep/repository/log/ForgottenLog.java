package io.ringkeep.repository.log;

import io.ringkeep.store.ObjectInfo;
import java.time.Instant;
import java.util.List;

/// What lies in the repository of a shard's log although it was forgotten.
///
/// @param shard whose log it is
/// @param due what may be deleted once nobody reads, in this order
/// @param waiting segments that were forgotten too lately
/// @param waitingUntil when the last of these may be deleted; the epoch if there are none
public record ForgottenLog(
    String shard, List<ObjectInfo> due, List<ObjectInfo> waiting, Instant waitingUntil) {
  public ForgottenLog {
    due = List.copyOf(due);
    waiting = List.copyOf(waiting);
  }
}
