package io.ringkeep.archive;

import io.ringkeep.backup.BackupPlanner;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ArchiverState;
import io.ringkeep.repository.log.ArchiverStates;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.Stretch;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Tells whether a source goes on with what is kept under a cache's name: it shares a server or a
/// history of writes with the logs or the last snapshot. Safe for any number of threads.
final class Lineage {
  private final BackupRequest request;
  private final Repository repository;
  private volatile boolean known;

  Lineage(BackupRequest request, Repository repository) {
    this.request = request;
    this.repository = repository;
    known = request.adopt();
  }

  /// Looks at a source, until one was found to go on with it.
  ///
  /// @throws InvalidRequest if it does not
  void require(Topology topology) throws IOException {
    if (known) {
      return;
    }
    Set<String> kept = keptByLogs();
    Optional<Boolean> snapshot =
        BackupPlanner.sharesWithLast(repository, request.cache(), topology);
    boolean fresh = kept.isEmpty() && snapshot.isEmpty();
    boolean shares =
        topology.servers().stream().flatMap(Lineage::identities).anyMatch(kept::contains);
    if (!fresh && !shares && !snapshot.orElse(false)) {
      throw new InvalidRequest(
          "the source shares no replication id, node id or address with the log or the last"
              + " snapshot of this cache: cache=%s source=%s"
                  .formatted(
                      request.cache(),
                      topology.servers().stream().map(Server::endpoint).distinct().toList()),
          "name another cache with --cache, or pass --adopt if this one took the other's place");
    }
    known = true;
  }

  /// The same where a failure to read the repository is one among others.
  void check(Topology topology) {
    try {
      require(topology);
    } catch (IOException e) {
      throw new Unavailable("the log can't be read: " + e.getMessage(), null, e);
    }
  }

  private Set<String> keptByLogs() throws IOException {
    String cache = request.cache();
    Set<String> kept = new HashSet<>();
    for (String shard : ShardLog.shards(repository.store(), cache)) {
      for (Stretch stretch : repository.log(cache, shard).stretches()) {
        kept.addAll(stretch.replids());
      }
    }
    for (ArchiverState state : ArchiverStates.of(repository.store(), cache)) {
      kept.add(state.server());
      kept.add(state.serverReplid());
    }
    Optional<SlotMap> map = repository.slotMaps(cache).last();
    map.ifPresent(last -> last.shards().forEach(shard -> kept.addAll(shard.members())));
    kept.remove("");
    return kept;
  }

  private static Stream<String> identities(Server server) {
    return Stream.of(
            Stream.of(server.replid(), server.endpoint().toString()),
            server.replid2().stream(),
            server.nodeId().stream())
        .flatMap(identity -> identity);
  }
}
