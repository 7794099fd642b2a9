package io.ringkeep.archive;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.topology.Server;

/// Which caches can be archived.
final class Sources {
  private Sources() {}

  /// @throws InvalidRequest if this one can't
  static void require(Server server) {
    if (!server.engine().isAtLeast(7, 0)) {
      throw new InvalidRequest(
          "the stream of this version can't be replayed later: server=%s engine=%s"
              .formatted(server.endpoint(), server.engine()),
          "before 7.0 it says how long keys are to live instead of until when; back it up with"
              + " 'backup'");
    }
  }
}
