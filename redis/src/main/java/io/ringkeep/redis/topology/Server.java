package io.ringkeep.redis.topology;

import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/// One server of a cache as it described itself when it was asked.
///
/// @param endpoint where it was reached
/// @param nodeId its id in a cluster
/// @param runId names this process; another one after a restart
/// @param replid names the history of writes it holds
/// @param replid2 names the history before the last failover, if there was one
/// @param offset bytes of the replication stream it has processed; a replica's may be compared with
///   its primary's
/// @param linkUp of a replica: connected to its primary and synced; true of a primary
/// @param lag of a replica: how long it has been behind. Zero when it held all that its primary had
///   written shortly before; otherwise the time since it heard of it, at least a second; for ever
///   when it never did. Zero of a primary
/// @param backlogStart number of the oldest byte of the stream that it still has, counted from 1;
///   empty if it has none
public record Server(
    Endpoint endpoint,
    Optional<String> nodeId,
    Role role,
    EngineVersion engine,
    String runId,
    String replid,
    Optional<String> replid2,
    long offset,
    boolean linkUp,
    Duration lag,
    OptionalLong backlogStart) {

  Server withLag(Duration newLag) {
    return new Server(
        endpoint,
        nodeId,
        role,
        engine,
        runId,
        replid,
        replid2,
        offset,
        linkUp,
        newLag,
        backlogStart);
  }

  /// Whether its backlog has what follows `reached` in a history, so that it can go on from there.
  public boolean goesOnFrom(String history, long reached) {
    boolean knows = replid.equals(history) || replid2.equals(Optional.of(history));
    return knows
        && offset >= reached
        && backlogStart.isPresent()
        && backlogStart.getAsLong() <= reached + 1;
  }
}
