package io.ringkeep.restore;

import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.replication.PrimarySession;
import io.ringkeep.task.Deadline;
import java.io.IOException;

/// What follows a snapshot that is loaded by replication: sent before the target is promoted, so
/// that it applies it as a replica does.
@FunctionalInterface
public interface Tail {
  /// Reads all of it before anything is removed for it, where there is anything to read.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if it is not whole
  default void check() throws IOException {}

  /// Sends it and waits until the target has applied it.
  ///
  /// @param session to the target, which has loaded the snapshot
  /// @param target the same server, for questions
  void replay(PrimarySession session, ServerConnection target, Deadline deadline)
      throws IOException;
}
