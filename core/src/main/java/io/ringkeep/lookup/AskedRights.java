package io.ringkeep.lookup;

import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Job;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// What our user may do on the servers of a cache, each asked once however many keys go there.
final class AskedRights {
  private final ConnectionOptions connection;
  private final Map<Endpoint, Set<Job>> granted = new HashMap<>();

  AskedRights(ConnectionOptions connection) {
    this.connection = connection;
  }

  /// @throws io.ringkeep.model.BackupException as [AclAdvice#require] says
  void require(Endpoint server, Set<Job> jobs) {
    Set<Job> known = granted.computeIfAbsent(server, _ -> EnumSet.noneOf(Job.class));
    if (!known.containsAll(jobs)) {
      AclAdvice.require(server, connection, jobs);
      known.addAll(jobs);
    }
  }
}
